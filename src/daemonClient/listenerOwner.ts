import { readFile, stat } from 'node:fs/promises';
import { connectedAddress } from './loopback';
import type { RpcAccess } from './rpcAddress';

const LISTEN = '0A';
/** Any address, of IPv4 and of IPv6, as procfs writes it. */
const ANY = ['0'.repeat(8), '0'.repeat(32)];
/** Stands for every user that this namespace doesn't know (user_namespaces(7)), and so for none. */
const OVERFLOW_UID = 65_534;

/**
 * The users (uid) who listen where a daemon of this machine is asked: by the owner of a unix socket, and on Linux by procfs (`proc_net_tcp` in the kernel's
 * documentation). Empty where nobody does; undefined where the system doesn't tell: TCP on macOS and Windows, addresses of other machines.
 */
export async function listenersAt({ url, socketPath }: RpcAccess, net = '/proc/net'): Promise<readonly number[] | undefined> {
  try {
    if (socketPath !== undefined) return process.platform === 'win32' ? undefined : [(await stat(socketPath)).uid];
    const { hostname, port } = new URL(url);
    const wanted = spellings(connectedAddress(hostname));
    if (process.platform !== 'linux' || wanted.length === 0) return undefined;
    const tables = await Promise.all(
      // A system without IPv6 has no table of it.
      ['tcp', 'tcp6'].map((file) => readFile(`${net}/${file}`, 'latin1').catch(() => (file === 'tcp' ? undefined : ''))),
    );
    if (tables.includes(undefined)) return undefined;
    const at = (port === '' ? 80 : Number(port)).toString(16).toUpperCase().padStart(4, '0');
    return tables.flatMap((table = '') =>
      table.split('\n').flatMap((line) => {
        const [, local = '', , state, , , , uid] = line.trim().split(/\s+/);
        const [address = '', openPort] = local.split(':');
        return state === LISTEN && openPort === at && wanted.includes(address) ? [Number(uid)] : [];
      }),
    );
  } catch {
    return undefined;
  }
}

/**
 * Whether a secret that the owner of `file` has anyway is safe where a daemon is asked: `owner` where all who listen there run as that user, or where the
 * system doesn't tell; `nobody` where there is no one to send it to.
 */
export async function whoListens(where: RpcAccess, file: string, net?: string): Promise<'owner' | 'other' | 'nobody'> {
  const listeners = await listenersAt(where, net);
  if (!listeners) return 'owner';
  if (listeners.length === 0) return 'nobody';
  try {
    const { uid } = await stat(file);
    return uid !== OVERFLOW_UID && listeners.every((each) => each === uid) ? 'owner' : 'other';
  } catch {
    return 'other';
  }
}

/** As what a listener on this loopback address is written: the address itself, IPv4 also within IPv6, and any address. Four bytes each, little-endian. */
function spellings(address: string): readonly string[] {
  if (address === '::1') return [`${'0'.repeat(24)}01000000`, ANY[1] ?? ''];
  if (!/^127(?:\.\d{1,3}){3}$/.test(address)) return [];
  const word = address
    .split('.')
    .reverse()
    .map((byte) => Number(byte).toString(16).toUpperCase().padStart(2, '0'))
    .join('');
  return [word, `${'0'.repeat(16)}FFFF0000${word}`, ...ANY];
}
