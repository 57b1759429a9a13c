import path from 'node:path';
import { plainName } from './plainNames';

/** The most bytes of a name on disk: file systems allow 255, and a number may follow. */
const MOST_BYTES = 230;
const LONGEST_ENDING = 20;
const NOT_ON_WINDOWS = /[<>:"|?*]/g;
const DEVICE = /^(?:con(?:in\$|out\$)?|prn|aux|nul|com[\d¹²³]|lpt[\d¹²³]) *(?:\.|$)/i;
/** What Windows may also call a file that is there already: `GIT~1` for `.git`. */
const SHORT_NAME = /^([^.]{1,6})~(?=\d)/;

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
          .replace(SHORT_NAME, '$1_')
      : plain;
  return /^\.{0,2}$/.test(allowed) ? '_' : allowed;
}

/** Gives the entries of one folder their names, no two the same, as the file system of the platform compares them. */
export function createDiskNames(platform: NodeJS.Platform): (name: string) => string {
  const key = (name: string): string => (platform === 'linux' ? name : name.normalize('NFC').toUpperCase().toLowerCase());
  const taken = new Set<string>();
  /** The last number of the names that are the same once they are cut to have one. */
  const numbers = new Map<string, number>();
  return (name) => {
    const wanted = diskName(name, platform);
    const cut = key(fitting(wanted, ' (2)'));
    let [free, number] = [wanted, numbers.get(cut) ?? 1];
    while (taken.has(key(free))) free = fitting(wanted, ` (${++number})`);
    taken.add(key(free));
    numbers.set(cut, number);
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
