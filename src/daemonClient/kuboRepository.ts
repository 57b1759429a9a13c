import { statSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { readRegularFile } from '../pinStore/regularFile';
import { isLocalhost, isLoopback } from './loopback';
import type { RpcAccess } from './rpcAddress';

/** Bounds of `api` and `config`, in bytes; a config is some 2 kB. */
const MOST_ADDRESS_BYTES = 4096;
const MOST_CONFIG_BYTES = 2 ** 20;

/** Where a repository is expected: `$IPFS_PATH`, else `~/.ipfs`. Absolute. */
export function usualKuboRepository(environment: Readonly<Record<string, string | undefined>>): string {
  const named = environment['IPFS_PATH'];
  return named === undefined || named === '' ? path.join(homedir(), '.ipfs') : path.resolve(named);
}

/** Whether one was made there. Says nothing about a daemon. */
export function isKuboRepository(repository: string): boolean {
  try {
    return statSync(path.join(repository, 'config')).isFile();
  } catch {
    return false;
  }
}

/**
 * Where its daemon is to be asked, by the file `api`: there while a daemon runs, and after one was killed. Undefined where it is not there,
 * or does not lead to this machine.
 */
export function kuboAccess(repository: string): RpcAccess | undefined {
  try {
    return accessOf(readRegularFile(path.join(repository, 'api'), MOST_ADDRESS_BYTES).toString('utf8').trim());
  } catch {
    return undefined;
  }
}

/** What `localhost` stands for: ::1 only where IPv6 is written. */
const LOCALHOST: Readonly<Record<string, string>> = { dns: '127.0.0.1', dns4: '127.0.0.1', dns6: '::1' };

/** A multiaddr: `/ip4/127.0.0.1/tcp/5001`, `/dns4/localhost/tcp/5001`, `/unix/run/kubo.sock`. */
export function accessOf(multiaddr: string): RpcAccess | undefined {
  const socket = /^\/unix(\/[^\0\n]+)$/.exec(multiaddr)?.[1];
  if (socket !== undefined) return path.isAbsolute(socket) ? { url: 'http://kubo', socketPath: socket } : undefined;
  const [, kind = '', named = '', port = ''] =
    /^\/(ip4|ip6|dns|dns4|dns6)\/([^/]+)\/tcp\/(\d{1,5})(?:\/http)?$/.exec(multiaddr) ?? [];
  const address = isLocalhost(named) ? LOCALHOST[kind] : named;
  if (address === undefined || !isLoopback(address) || Number(port) > 65_535) return undefined;
  return { url: `http://${address.includes(':') ? `[${address}]` : address}:${port}` };
}

/** The peer id that its daemon answers with, by `config`. Undefined where it cannot be told. */
export function expectedPeerId(repository: string): string | undefined {
  let config: Buffer;
  try {
    config = readRegularFile(path.join(repository, 'config'), MOST_CONFIG_BYTES);
  } catch {
    return undefined;
  }
  try {
    return peerIdOf(config);
  } finally {
    config.fill(0); // it holds the private key, which is not made a string of, and not kept
  }
}

const PEER_ID = /^[A-Za-z0-9]{20,128}$/;
/** Of the word in a config that is anything, and of what may lie between the braces, in bytes: an RSA key is some 3 kB. */
const MOST_IDENTITIES = 20;
const MOST_IDENTITY_BYTES = 16_384;

/** `"Identity": { "PeerID": "12D3…", "PrivKey": "…" }`, in bytes: both values are plain letters and digits, or base64. */
function peerIdOf(config: Buffer): string | undefined {
  let at = config.indexOf('"Identity"');
  for (let seen = 0; at >= 0 && seen < MOST_IDENTITIES; seen++, at = config.indexOf('"Identity"', at + 1)) {
    const start = afterColon(config, at + '"Identity"'.length);
    if (config[start] !== '{'.charCodeAt(0)) continue;
    const within = config.subarray(start, start + MOST_IDENTITY_BYTES);
    const identity = within.subarray(0, Math.max(0, within.indexOf('}')));
    const key = identity.indexOf('"PeerID"');
    if (key < 0) continue;
    const quote = afterColon(identity, key + '"PeerID"'.length);
    const close = identity.indexOf('"', quote + 1);
    if (identity[quote] !== '"'.charCodeAt(0) || close < 0 || close - quote > 200) continue;
    const peerId = identity.toString('latin1', quote + 1, close);
    return PEER_ID.test(peerId) ? peerId : undefined;
  }
  return undefined;
}

/** Over white space and a colon. */
function afterColon(bytes: Buffer, from: number): number {
  let at = from;
  while (' \t\r\n:'.includes(String.fromCharCode(bytes[at] ?? 0))) at++;
  return at;
}
