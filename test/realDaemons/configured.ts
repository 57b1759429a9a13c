import type { KuboPeer } from './kuboPeer';

/** Sets what a repository's `config` says; before its daemon starts. */
export function configure(kubo: KuboPeer, config: Readonly<Record<string, unknown>>): void {
  for (const [key, value] of Object.entries(config)) kubo.run('config', '--json', key, JSON.stringify(value));
}

/** An online Kubo that looks for nobody by itself. The profile `test` leaves it on loopback, without bootstrap, mDNS, AutoConf, AutoTLS and UPnP. */
export const MEETS_THE_TOLD = {
  'Routing.Type': 'none',
  'Provide.Enabled': false,
  'HTTPRetrieval.Enabled': false,
  'AutoNAT.ServiceMode': 'disabled',
  'Swarm.RelayClient.Enabled': false,
  'Swarm.RelayService.Enabled': false,
  'Swarm.EnableHolePunching': false,
  'Swarm.Transports.Network': { QUIC: false, WebTransport: false, WebRTCDirect: false, Websocket: false, Relay: false },
};

/** The empty folder that a new repository has pinned. */
const EMPTY_FOLDER = 'QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nn';

/** A repository without any pin. */
export function unpinAll(kubo: KuboPeer): void {
  kubo.run('pin', 'rm', EMPTY_FOLDER);
}
