import path from 'node:path';
import { plainName } from './plainNames';

/** The most bytes of a name on disk: file systems allow 255, and a number may follow. */
const MOST_BYTES = 230;
const LONGEST_ENDING = 20;
const NOT_ON_WINDOWS = /[<>:"|?*]/g;
const DEVICE = /^(?:con|prn|aux|nul|com[\d¹²³]|lpt[\d¹²³])(?:\.|$)/i;

/**
 * The name under which an entry of a folder on IPFS is saved: the same where every program reads it as one name, else a similar one. Never empty, `.` or
 * `..`, and without separators, control characters and, on Windows, everything that isn't a name there
 * (https://learn.microsoft.com/windows/win32/fileio/naming-a-file).
 */
export function diskName(name: string, platform: NodeJS.Platform): string {
  const plain = fitting(plainName(name).replace(/[/\\]/g, '_'), '');
  const allowed =
    platform === 'win32'
      ? plain
          .replace(NOT_ON_WINDOWS, '_')
          .replace(/[. ]+$/, '_')
          .replace(DEVICE, '_$&')
      : plain;
  return /^\.{0,2}$/.test(allowed) ? '_' : allowed;
}

/** Gives the entries of one folder their names, no two the same, as the file system of the platform compares them. */
export function createDiskNames(platform: NodeJS.Platform): (name: string) => string {
  const key = (name: string): string => (platform === 'linux' ? name : name.normalize('NFC').toUpperCase().toLowerCase());
  /** How often each name was wanted. */
  const taken = new Map<string, number>();
  return (name) => {
    const wanted = diskName(name, platform);
    let times = taken.get(key(wanted)) ?? 0;
    const numbered = (): string => (times === 0 ? wanted : fitting(wanted, ` (${times + 1})`));
    while (taken.has(key(numbered()))) times++;
    const free = numbered();
    taken.set(key(wanted), times + 1);
    if (free !== wanted) taken.set(key(free), 1);
    return free;
  };
}

/** The name with a number before its ending, cut so that both fit. */
function fitting(name: string, number: string): string {
  const ending = path.extname(name).length <= LONGEST_ENDING ? path.extname(name) : '';
  const stem = Array.from(ending === '' ? name : name.slice(0, -ending.length));
  const size = (): number => Buffer.byteLength(stem.join('') + number + ending);
  for (let over = size() - MOST_BYTES; over > 0; over = size() - MOST_BYTES) stem.length -= Math.ceil(over / 4);
  return stem.join('') + number + ending;
}
