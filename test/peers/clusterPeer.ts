import type { ChildProcess } from 'node:child_process';
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../support/freePort';
import type { KuboPeer } from './kuboPeer';

export interface ClusterPeer {
  /** Of its REST API. */
  readonly url: string;
  readonly id: string;
  /** What another peer joins it by. */
  readonly address: string;
  readonly secret: string;
  readonly stop: () => Promise<void>;
  readonly remove: () => Promise<void>;
}

interface ServiceFile {
  readonly cluster: Record<string, unknown>;
  readonly api: Record<'restapi' | 'ipfsproxy' | 'pinsvcapi', Record<string, unknown> | undefined>;
  readonly ipfs_connector: { readonly ipfshttp: Record<string, unknown> };
}

const LONGEST_MS = 60_000;

/** A peer of a CRDT cluster, on loopback alone, over a Kubo that runs. `first`: whom it joins. */
export async function startClusterPeer(name: string, kubo: KuboPeer, first?: ClusterPeer): Promise<ClusterPeer> {
  const binary = process.env['IPFS_KIT_TEST_CLUSTER'];
  if (binary === undefined) throw new Error('IPFS_KIT_TEST_CLUSTER names the peer; npm run test:peers sets it.');
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
  });
  config.ipfs_connector.ipfshttp['node_multiaddress'] = api;
  Object.assign(config.api.restapi ?? {}, { http_listen_multiaddress: [tcp(rest)] });
  Object.assign(config.api.ipfsproxy ?? {}, { listen_multiaddress: [tcp(proxy)], node_multiaddress: api });
  Object.assign(config.api.pinsvcapi ?? {}, { http_listen_multiaddress: [tcp(service)] });
  writeFileSync(file, JSON.stringify(config));
  const { id } = JSON.parse(readFileSync(path.join(folder, 'identity.json'), 'utf8')) as { readonly id: string };

  const url = `http://127.0.0.1:${rest}`;
  const child: ChildProcess = spawn(binary, ['--config', folder, 'daemon', ...(first ? ['--bootstrap', first.address] : [])], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  const hear = (piece: Buffer): void => void (said = (said + piece.toString('utf8')).slice(-4000));
  child.stdout?.on('data', hear);
  child.stderr?.on('data', hear);
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    const force = setTimeout(() => child.kill('SIGKILL'), LONGEST_MS);
    child.kill('SIGTERM');
    await gone;
    clearTimeout(force);
  };
  const answers = (): Promise<boolean> =>
    fetch(`${url}/id`).then(
      ({ ok }) => ok,
      () => false,
    );
  for (const end = Date.now() + LONGEST_MS; !(await answers()); await sleep(200))
    if (Date.now() > end || child.exitCode !== null) {
      await stop();
      throw new Error(`The cluster peer was not ready in time: ${said}`);
    }
  const secret = config.cluster['secret'] as string;
  return {
    url,
    id,
    address: `${tcp(swarm)}/p2p/${id}`,
    secret,
    stop,
    remove: async () => {
      await stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
