import { isIP } from 'node:net';
import path from 'node:path';
import { sentences } from '../../base/causes';
import { nameOf } from '../../base/settingOrOption';
import { IpfsKitError } from '../../base/ipfsKitError';
import { readRegularFile, statusOf } from '../../base/regularFile';
import { safeText } from '../../base/safeText';
import { isLocalhost, isLoopback } from '../loopback';
import type { RpcAccess } from '../rpcAccess';

/** The limits for `api` and `config`, in bytes; a config has some 2 kB. */
const MOST_ADDRESS_BYTES = 4096;
const MOST_CONFIG_BYTES = 2 ** 20;
/** The most characters of an address in a message. */
const MOST_SHOWN = 100;

/** Whether the folder is a Kubo repository. Doesn't show whether a daemon runs. */
export function isKuboRepository(repository: string): boolean {
  return repositoryProblem(repository) === undefined;
}

/** Why there is no usable repository: `missing`, with this next step, or `unreadable` where that isn't known. Undefined where there is one. */
export function repositoryProblem(
  repository: string,
  step = `Set ${nameOf('repository')} to one, or create one with ipfs init`,
): IpfsKitError | undefined {
  try {
    if (statusOf(path.join(repository, 'config'))?.isFile() === true) return undefined;
  } catch (error) {
    return IpfsKitError.from(error);
  }
  return new IpfsKitError('missing', sentences(`There is no Kubo repository at ${repository}`, step));
}

/**
 * The address of the repository's daemon, from the file `api`, which exists while a daemon runs, and after one was killed. Undefined where the file doesn't
 * exist.
 * Throws IpfsKitError: `unreadable`, `malformed` where the file or the config contains no valid address, `elsewhere` where the file, or without one the config,
 * names an address of another machine.
 */
export function kuboAddress(repository: string): RpcAccess | undefined {
  const api = readIfThere(path.join(repository, 'api'), MOST_ADDRESS_BYTES)?.toString('utf8').trim();
  const listening = api === undefined ? apiInConfig(repository) : [api];
  const access = listening.map(accessOf).find((found) => found !== undefined);
  if (access) return api === undefined ? undefined : access;
  const [first] = listening;
  if (first === undefined) return undefined;
  const file = path.join(repository, api === undefined ? 'config' : 'api');
  const said = `“${safeText(first, MOST_SHOWN)}”`;
  if (first === '') throw new IpfsKitError('malformed', `${file} is empty, so the daemon's address is unknown. ${restart()}`);
  if (!isAddress(first))
    throw new IpfsKitError('malformed', `${file} says ${said}, which isn't an HTTP address of a daemon. ${restart()}`);
  throw new IpfsKitError(
    'elsewhere',
    `${file} says that the API of the daemon is at ${said}, which isn't a loopback address of this machine. To use it anyway, set ${nameOf('kubo')} to that address.`,
  );
}

function restart(): string {
  return `Restart Kubo, or set ${nameOf('kubo')} to its address.`;
}

/** As kuboAddress; also undefined where the address is unknown or on another machine. */
export function kuboAccess(repository: string): RpcAccess | undefined {
  try {
    return kuboAddress(repository);
  } catch {
    return undefined;
  }
}

function readIfThere(file: string, most: number): Buffer | undefined {
  try {
    return readRegularFile(file, most);
  } catch (error) {
    if (IpfsKitError.is(error, 'missing')) return undefined;
    throw error;
  }
}

/** The addresses of `localhost`: ::1 only where IPv6 is written. */
const LOCALHOST: Readonly<Record<string, string>> = { dns: '127.0.0.1', dns4: '127.0.0.1', dns6: '::1' };
/** A daemon that listens on all interfaces also listens on loopback. */
const ANY: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };

const ADDRESS = /^\/(ip4|ip6|dns|dns4|dns6)\/([^/]+)\/tcp\/(\d{1,5})(?:\/http)?$/;

/**
 * A multiaddr: `/ip4/127.0.0.1/tcp/5001`, `/ip4/0.0.0.0/tcp/5001`, `/dns4/localhost/tcp/5001`, `/unix/run/kubo.sock`. Undefined for an address that isn't of
 * this machine.
 */
export function accessOf(multiaddr: string): RpcAccess | undefined {
  const socket = /^\/unix(\/[^\0\n]+)$/.exec(multiaddr)?.[1];
  if (socket !== undefined) return path.isAbsolute(socket) ? { url: 'http://kubo', socketPath: socket } : undefined;
  const [, kind = '', named = '', port = ''] = ADDRESS.exec(multiaddr) ?? [];
  const address = isLocalhost(named) ? LOCALHOST[kind] : (ANY[named] ?? named);
  if (address === undefined || !isLoopback(address) || Number(port) > 65_535) return undefined;
  return { url: `http://${address.includes(':') ? new URL(`http://[${address}]`).hostname : address}:${port}` };
}

/** Whether a multiaddr names an HTTP address at all, including one of another machine. */
function isAddress(multiaddr: string): boolean {
  const [, kind = '', named = '', port = ''] = ADDRESS.exec(multiaddr) ?? [];
  if (Number(port) > 65_535) return false;
  return kind.startsWith('ip') ? isIP(named) === Number(kind.slice(2)) : /^[a-z\d_-]+(?:\.[a-z\d_-]+)*\.?$/i.test(named);
}

/** The peer ID that the repository's daemon responds with, from `config`. Undefined where it isn't known. */
export function expectedPeerId(repository: string): string | undefined {
  try {
    return peerIdIn(repository);
  } catch {
    return undefined;
  }
}

/** As expectedPeerId. Throws IpfsKitError where the config can't be read: `unreadable`, `not-a-file`, `too-large`, `busy`. */
export function peerIdIn(repository: string): string | undefined {
  return withConfig(repository, peerIdOf);
}

/** `config` contains the private key, so it is never made a string, and never stored. */
function withConfig<T>(repository: string, read: (config: Buffer) => T): T | undefined {
  const config = readIfThere(path.join(repository, 'config'), MOST_CONFIG_BYTES);
  if (!config) return undefined;
  try {
    return read(config);
  } finally {
    config.fill(0);
  }
}

/** `"Addresses": { "API": "/ip4/…" }`, or a list of addresses: where the repository's daemon will listen. Empty where that isn't known. */
function apiInConfig(repository: string): readonly string[] {
  try {
    return withConfig(repository, apiOf) ?? [];
  } catch {
    return [];
  }
}

/** The most occurrences of the word in a config, which may contain it anywhere. */
const MOST_APIS = 5;
const MOST_API_BYTES = 1000;

function apiOf(config: Buffer): readonly string[] {
  let at = config.indexOf('"API"');
  for (let seen = 0; at >= 0 && seen < MOST_APIS; seen++, at = config.indexOf('"API"', at + 1)) {
    const start = afterColon(config, at + '"API"'.length);
    const text = config.toString('latin1', start, start + MOST_API_BYTES);
    const value = /^(?:"[^"]*"|\[[^\]{}]*\])/.exec(text)?.[0]; // The other member of that name is an object.
    const found = [...(value ?? '').matchAll(/"(\/[^"]*)"/g)].map(([, multiaddr = '']) => multiaddr);
    if (found.length > 0) return found;
  }
  return [];
}

const PEER_ID = /^[A-Za-z0-9]{20,128}$/;
/** The most occurrences of the word in a config, and the most bytes between the braces: an RSA key has some 3 kB. */
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

/** The position behind white space and a colon. */
function afterColon(bytes: Buffer, from: number): number {
  let at = from;
  while (' \t\r\n:'.includes(String.fromCharCode(bytes[at] ?? 0))) at++;
  return at;
}
