import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import path from 'node:path';
import type { ListeningAddress, ProcessFacts, ProcessRow } from './processTable';

/** USER_HZ, which is 100 on every architecture that VS Code runs on (time(7)). */
const TICKS_PER_SECOND = 100;
const MOST_DESCRIPTORS = 4096;
const LISTEN = '0A';
/** The flag of a unix socket that accepts connections: __SO_ACCEPTCON (unix(7), proc(5)). */
const ACCEPTS = 0x10000;

/** When the system started, in ms since 1970. Start times are relative to it. */
export function bootTime(root: string): number | undefined {
  const seconds = Number(/^btime (\d+)$/m.exec(textOf(root, 'stat'))?.[1]);
  return Number.isFinite(seconds) ? seconds * 1000 : undefined;
}

/** The ticks since the system started, as in start times. The file states seconds with two decimals, and a hundredth is a tick. */
export function ticksNow(root: string, msAgo = 0): number {
  const [, seconds = '', hundredths = ''] = /^(\d+)\.(\d\d)/.exec(textOf(root, 'uptime')) ?? [];
  return seconds === '' ? -Infinity : Number(seconds + hundredths) - (msAgo * TICKS_PER_SECOND) / 1000;
}

export function ticksToMs(ticks: number): number {
  return (ticks * 1000) / TICKS_PER_SECOND;
}

/** The memory, ports and unix sockets of each process, from procfs (proc(5)). */
export function linuxProcessFacts(root: string, rows: readonly ProcessRow[]): ReadonlyMap<number, ProcessFacts> {
  const sockets = new Map([...listeningSockets(root, 'tcp'), ...listeningSockets(root, 'tcp6')]);
  const paths = listeningPaths(root);
  return new Map(
    rows.map((row): [number, ProcessFacts] => {
      const inodes = socketsOf(root, row.pid);
      const kilobytes = /^VmRSS:\s*(\d+) kB$/m.exec(textOf(root, String(row.pid), 'status'))?.[1];
      return [
        row.pid,
        {
          memoryBytes: kilobytes === undefined ? undefined : Number(kilobytes) * 1024,
          listening: inodes.flatMap((inode) => sockets.get(inode) ?? []),
          listeningPaths: inodes.flatMap((inode) => paths.get(inode) ?? []),
        },
      ];
    }),
  );
}

function listeningSockets(root: string, file: 'tcp' | 'tcp6'): [string, ListeningAddress][] {
  return textOf(root, 'self', 'net', file)
    .split('\n')
    .slice(1)
    .flatMap((line): [string, ListeningAddress][] => {
      const [, local, , state, , , , , , inode] = line.trim().split(/\s+/);
      const [address, port] = (local ?? '').split(':');
      if (state !== LISTEN || inode === undefined || address === undefined || port === undefined) return [];
      return [[inode, { address: addressOf(address), port: parseInt(port, 16) }]];
    });
}

/** The paths of listening unix sockets, by inode. */
function listeningPaths(root: string): ReadonlyMap<string, string> {
  const lines = textOf(root, 'self', 'net', 'unix').split('\n').slice(1);
  return new Map(
    lines.flatMap((line): [string, string][] => {
      const [, flags = '', inode = '', path = ''] = UNIX_SOCKET.exec(line) ?? [];
      return (parseInt(flags, 16) & ACCEPTS) === 0 ? [] : [[inode, Buffer.from(path, 'latin1').toString()]];
    }),
  );
}

/** `Num RefCount Protocol Flags Type St Inode Path`. A socket without a path in the file system can't be asked by name. */
const UNIX_SOCKET = /^\w+: \w+ \w+ (\w+) \w+ \w+ +(\d+) (\/.*)$/;

/** Reads an address: groups of four bytes in the processor's order, which is little-endian on every system that VS Code runs on. */
function addressOf(hex: string): string {
  const bytes = [...hex.matchAll(/.{8}/g)].flatMap(([word]) =>
    [...word.matchAll(/../g)].map(([byte]) => parseInt(byte, 16)).reverse(),
  );
  if (bytes.length === 4) return bytes.join('.');
  // IPv4 within IPv6 (RFC 4291, 2.5.5.2).
  if (bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 0xff && bytes[11] === 0xff)
    return bytes.slice(12).join('.');
  if (bytes.every((byte) => byte === 0)) return '::';
  if (bytes.slice(0, 15).every((byte) => byte === 0) && bytes[15] === 1) return '::1';
  const words = Array.from({ length: 8 }, (_, at) => (((bytes[at * 2] ?? 0) << 8) | (bytes[at * 2 + 1] ?? 0)).toString(16));
  return words.join(':');
}

function socketsOf(root: string, pid: number): string[] {
  const folder = path.join(root, String(pid), 'fd');
  try {
    return readdirSync(folder)
      .slice(0, MOST_DESCRIPTORS)
      .flatMap((descriptor) => {
        try {
          return /^socket:\[(\d+)\]$/.exec(readlinkSync(path.join(folder, descriptor)))?.[1] ?? [];
        } catch {
          return [];
        }
      });
  } catch {
    return [];
  }
}

/** The text of a file; empty where it can't be read. */
export function textOf(...steps: string[]): string {
  try {
    return readFileSync(path.join(...steps), 'latin1');
  } catch {
    return '';
  }
}
