import { readFile, stat } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { IpfsKitError } from '../base/ipfsKitError';
import { isLoopback } from './loopback';
import type { RpcAccess } from './rpcAccess';

/** Stands for every user that this namespace doesn't know (user_namespaces(7)), so it never counts as the owner. */
const OVERFLOW_UID = 65_534;
/** How long the other end of a connection may be missing from the kernel's tables, which are read in pieces while they change (ms). */
const UNSEEN_MS = 250;
const MOST_WAIT_MS = 50;

/** The properties of a connection that are checked. */
export type Connection = Pick<Socket, 'destroyed' | 'localAddress' | 'localPort' | 'remoteAddress' | 'remotePort'>;

/**
 * Rejects with `foreign` where a secret may not be sent over this connection: the program at its other end doesn't run as the owner of `ownedBy.file`, who can
 * read the secret anyway. For a unix socket, the owner of its file is checked. For TCP on Linux, the socket with which the program accepted this connection is
 * checked, so that no other program can take over the port in between. Waits until a program has accepted the connection; destroying the connection ends the
 * wait. Resolves where the system doesn't show the owner: TCP on macOS and Windows, and addresses that aren't loopback.
 */
export async function checkOwner(
  connection: Connection,
  { url, socketPath, ownedBy }: RpcAccess,
  net = '/proc/net',
): Promise<void> {
  if (!ownedBy || process.platform === 'win32') return;
  const answering = socketPath === undefined ? await acceptedBy(connection, net) : await ownerOf(socketPath);
  if (answering === 'unknown') return;
  if (answering !== undefined && answering !== OVERFLOW_UID && answering === (await ownerOf(ownedBy.file))) return;
  throw new IpfsKitError(
    'foreign',
    `The program that responds at ${socketPath ?? url} doesn't run as the owner of ${ownedBy.file}. The token was not sent. Set ${ownedBy.setting} to send it anyway.`,
  );
}

/**
 * The user (uid) of the program that accepted a connection within this machine, from procfs (`proc_net_tcp` in the kernel's documentation). The uid and the
 * inode of a socket are those of its file; until a program has accepted the connection there is no file, and the inode is 0. Undefined where the socket isn't
 * listed.
 */
async function acceptedBy(connection: Connection, net: string): Promise<number | 'unknown' | undefined> {
  const { localAddress = '', localPort = 0, remoteAddress = '', remotePort = 0 } = connection;
  if (process.platform !== 'linux' || !isLoopback(remoteAddress)) return 'unknown';
  const [theirs, ours] = [spellings(remoteAddress, remotePort), spellings(localAddress, localPort)];
  const began = performance.now();
  for (let wait = 1; !connection.destroyed; wait = Math.min(2 * wait, MOST_WAIT_MS)) {
    const rows = await Promise.all(
      ['tcp', 'tcp6'].map(async (file, family) => {
        // A system without IPv6 has no IPv6 table.
        const table = await readFile(`${net}/${file}`, 'latin1').catch(() => '');
        const at = table.indexOf(` ${theirs[family] ?? ''} ${ours[family] ?? ''} `);
        return at < 0
          ? []
          : table
              .slice(at, at + 200)
              .trim()
              .split(/\s+/);
      }),
    );
    const [, , , , , , uid = '', , inode = '0'] = rows.find((row) => row.length > 0) ?? [];
    if (inode !== '0') return Number(uid);
    if (uid === '' && performance.now() - began > UNSEEN_MS) return undefined;
    await sleep(wait);
  }
  return undefined;
}

async function ownerOf(file: string): Promise<number | undefined> {
  try {
    return (await stat(file)).uid;
  } catch {
    return undefined;
  }
}

/** A loopback address and port as the tables of IPv4 and IPv6 write them: groups of four bytes, little-endian; IPv4 also within IPv6. */
function spellings(address: string, port: number): readonly [tcp: string, tcp6: string] {
  const at = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  if (address === '::1') return [`none${at}`, `${'0'.repeat(24)}01000000${at}`];
  const word = address
    .split('.')
    .reverse()
    .map((byte) => Number(byte).toString(16).toUpperCase().padStart(2, '0'))
    .join('');
  return [word + at, `${'0'.repeat(16)}FFFF0000${word}${at}`];
}
