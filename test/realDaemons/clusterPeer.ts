import type { ChildProcess } from 'node:child_process';
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { probeCluster } from '../../src/daemonClient/cluster/clusterRest';
import type { Certificate } from '../support/certificate';
import { freePort } from '../support/freePort';
import type { KuboPeer } from './kuboPeer';

export interface ClusterPeer {
  /** Of its REST API. */
  readonly url: string;
  /** Where its service.json is. */
  readonly folder: string;
  /** Of its proxy, which speaks as a Kubo does. */
  readonly proxyUrl: string;
  /** Of its pinning service. */
  readonly serviceUrl: string;
  readonly id: string;
  /** What another peer joins it by. */
  readonly address: string;
  readonly secret: string;
  /** Once more, after a stop: it finds the others by what it remembers. */
  readonly start: () => Promise<void>;
  readonly stop: () => Promise<void>;
  readonly remove: () => Promise<void>;
}

export interface ClusterPeerOptions {
  /** Who may ask its REST API: passwords by name. All, where it is left out. */
  readonly passwords?: Readonly<Record<string, string>>;
  /** Its REST API speaks TLS with this. */
  readonly certificate?: Certificate;
}

interface ServiceFile {
  readonly cluster: Record<string, unknown>;
  readonly api: Record<'restapi' | 'ipfsproxy' | 'pinsvcapi', Record<string, unknown> | undefined>;
  readonly ipfs_connector: { readonly ipfshttp: Record<string, unknown> };
  readonly consensus: { readonly crdt: Record<string, unknown> };
  readonly monitor: { readonly pubsubmon: Record<string, unknown> };
  readonly informer: Record<'disk' | 'tags', Record<string, unknown>>;
}

const LONGEST_MS = 60_000;
/** How often a peer says that it lives; nothing for twice as long, and the others take it for lost. Half a minute otherwise. */
const PING = '5s';
const LOST_AFTER = '10s';

/** A peer of a CRDT cluster, on loopback alone, over a Kubo that runs. `first`: whom it joins. */
export async function startClusterPeer(
  name: string,
  kubo: KuboPeer,
  first?: ClusterPeer,
  { passwords, certificate }: ClusterPeerOptions = {},
): Promise<ClusterPeer> {
  const binary = process.env['IPFS_KIT_TEST_CLUSTER'];
  if (binary === undefined) throw new Error('IPFS_KIT_TEST_CLUSTER names the peer; npm run test:real sets it.');
  const folder = mkdtempSync(path.join(tmpdir(), 'cluster-'));
  const env = { PATH: process.env['PATH'], HOME: folder, CLUSTER_PEERNAME: name, ...(first && { CLUSTER_SECRET: first.secret }) };
  execFileSync(binary, ['--config', folder, 'init', '--consensus', 'crdt', '--datastore', 'leveldb'], { env, stdio: 'pipe' });
  const [swarm, rest, proxy, service] = [await freePort(), await freePort(), await freePort(), await freePort()];
  const tcp = (port: number): string => `/ip4/127.0.0.1/tcp/${port}`;
  const api = readFileSync(path.join(kubo.repository, 'api'), 'utf8').trim();
  const file = path.join(folder, 'service.json');
  const config = JSON.parse(readFileSync(file, 'utf8')) as ServiceFile;
  Object.assign(config.cluster, {
    peername: name,
    listen_multiaddress: [tcp(swarm)],
    mdns_interval: '0',
    enable_relay_hop: false,
    monitor_ping_interval: PING,
  });
  config.monitor.pubsubmon['check_interval'] = '1s';
  config.consensus.crdt['rebroadcast_interval'] = '5s'; // else one that comes back may hear for a minute of nothing that it has missed
  for (const informer of [config.informer.disk, config.informer.tags]) informer['metric_ttl'] = LOST_AFTER;
  config.ipfs_connector.ipfshttp['node_multiaddress'] = api;
  Object.assign(config.api.restapi ?? {}, {
    http_listen_multiaddress: [tcp(rest)],
    ...(passwords && { basic_auth_credentials: passwords }),
    ...(certificate && { ssl_cert_file: 'cert.pem', ssl_key_file: 'key.pem' }),
  });
  Object.assign(config.api.ipfsproxy ?? {}, { listen_multiaddress: [tcp(proxy)], node_multiaddress: api });
  Object.assign(config.api.pinsvcapi ?? {}, { http_listen_multiaddress: [tcp(service)] });
  writeFileSync(file, JSON.stringify(config));
  for (const [name, pem] of [
    ['cert.pem', certificate?.cert],
    ['key.pem', certificate?.key],
  ] as const)
    if (pem !== undefined) writeFileSync(path.join(folder, name), pem);
  const { id } = JSON.parse(readFileSync(path.join(folder, 'identity.json'), 'utf8')) as { readonly id: string };

  const url = `${certificate ? 'https' : 'http'}://127.0.0.1:${rest}`;
  const way = certificate && { certificate: path.join(folder, 'cert.pem') };
  let daemon: ChildProcess | undefined;
  const stop = async (): Promise<void> => {
    const ending = daemon;
    daemon = undefined;
    if (ending?.exitCode !== null || ending.signalCode !== null) return;
    const gone = new Promise((resolve) => ending.once('exit', resolve));
    const force = setTimeout(() => ending.kill('SIGKILL'), LONGEST_MS);
    ending.kill('SIGTERM');
    await gone;
    clearTimeout(force);
  };
  /** 401 is an answer, too. */
  const answers = (): Promise<boolean> =>
    probeCluster({ url, way }).then(({ state }) => state === 'up' || state === 'needs-token');
  const start = async (...options: readonly string[]): Promise<void> => {
    const started = spawn(binary, ['--config', folder, 'daemon', ...options], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    daemon = started;
    let said = '';
    const hear = (piece: Buffer): void => void (said = (said + piece.toString('utf8')).slice(-4000));
    started.stdout.on('data', hear);
    started.stderr.on('data', hear);
    for (const end = Date.now() + LONGEST_MS; !(await answers()); await sleep(200))
      if (Date.now() > end || started.exitCode !== null) {
        await stop();
        throw new Error(`The cluster peer was not ready in time: ${said}`);
      }
  };
  await start(...(first ? ['--bootstrap', first.address] : []));
  const secret = config.cluster['secret'] as string;
  return {
    url,
    folder,
    proxyUrl: `http://127.0.0.1:${proxy}`,
    serviceUrl: `http://127.0.0.1:${service}`,
    id,
    address: `${tcp(swarm)}/p2p/${id}`,
    secret,
    start: () => start(),
    stop,
    remove: async () => {
      await stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
