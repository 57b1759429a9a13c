import type { RealKubo } from './realKubo';

/** Changes a repository's `config`, before its daemon starts. */
export function configure(kubo: RealKubo, config: Readonly<Record<string, unknown>>): void {
  for (const [key, value] of Object.entries(config)) kubo.run('config', '--json', key, JSON.stringify(value));
}

/**
 * Settings of an online Kubo that connects only to peers that it was given. The profile `test` binds it to loopback, without bootstrap, mDNS, AutoConf,
 * AutoTLS and UPnP.
 */
export const ONLY_KNOWN_PEERS = {
  'Routing.Type': 'none',
  'Provide.Enabled': false,
  'HTTPRetrieval.Enabled': false,
  'AutoNAT.ServiceMode': 'disabled',
  'Swarm.RelayClient.Enabled': false,
  'Swarm.RelayService.Enabled': false,
  'Swarm.EnableHolePunching': false,
  'Swarm.Transports.Network': { QUIC: false, WebTransport: false, WebRTCDirect: false, Websocket: false, Relay: false },
};

/** The empty folder that Kubo pins in a new repository. */
const EMPTY_FOLDER = 'QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nn';

/** Removes all pins of a repository. */
export function unpinAll(kubo: RealKubo): void {
  kubo.run('pin', 'rm', EMPTY_FOLDER);
}
