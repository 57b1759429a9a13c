import type { ChildProcess } from 'node:child_process';
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { probeCluster } from '../../src/daemonClient/cluster/clusterRest';
import type { Certificate } from '../support/certificate';
import { freePort } from '../support/freePort';
import type { RealKubo } from './realKubo';

export interface ClusterPeer {
  /** URL of its REST API. */
  readonly url: string;
  /** The folder with its service.json. */
  readonly folder: string;
  /** URL of its proxy, which speaks Kubo's RPC API. */
  readonly proxyUrl: string;
  /** URL of its pinning service API. */
  readonly serviceUrl: string;
  readonly id: string;
  /** The multiaddress by which other peers join it. */
  readonly address: string;
  readonly secret: string;
  /** Starts it again after a stop. It finds the other peers in its saved peer store. */
  readonly start: () => Promise<void>;
  readonly stop: () => Promise<void>;
  readonly remove: () => Promise<void>;
}

export interface ClusterPeerOptions {
  /** Passwords of the REST API by user name. Without them, the API is open to all. */
  readonly passwords?: Readonly<Record<string, string>>;
  /** The certificate with which its REST API speaks TLS, if any. */
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
/** Interval of a peer's heartbeat. Without one for twice as long, the other peers consider it lost. The default is half a minute. */
const PING = '5s';
const LOST_AFTER = '10s';

/** Starts a peer of a CRDT cluster on loopback over a running Kubo; it joins the peer `first` if there is one. */
export async function startClusterPeer(
  name: string,
  kubo: RealKubo,
  first?: ClusterPeer,
  { passwords, certificate }: ClusterPeerOptions = {},
): Promise<ClusterPeer> {
  const binary = process.env['IPFS_KIT_TEST_CLUSTER'];
  if (binary === undefined)
    throw new Error('IPFS_KIT_TEST_CLUSTER must be the path of an IPFS Cluster binary; npm run test:real sets it.');
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
  config.consensus.crdt['rebroadcast_interval'] = '5s'; // Otherwise a peer that returns may wait a minute for the updates that it missed.
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
  /** A response with status 401 counts too. */
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
