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

/** Takes a name in one folder; false where it is taken already, as the file system there compares names. */
export type TakeName = (name: string) => boolean | Promise<boolean>;

/** As the file systems that the platform usually has compare names. */
export function usualNames(platform: NodeJS.Platform): TakeName {
  const taken = new Set<string>();
  return (name) => taken.size < taken.add(platform === 'linux' ? name : folded(name)).size;
}

/**
 * Gives the entries of one folder their names, no two the same. `take` decides which names are the same, and is asked only about those that some file system
 * takes for one.
 */
export function createDiskNames(platform: NodeJS.Platform, take: TakeName): (name: string) => Promise<string> {
  /** The first name of each spelling; undefined once `take` has it. */
  const firsts = new Map<string, string | undefined>();
  /** The last number of the names that are the same once they are cut to have one. */
  const numbers = new Map<string, number>();
  const isFree = async (name: string): Promise<boolean> => {
    const key = folded(name);
    const [isKnown, first] = [firsts.has(key), firsts.get(key)];
    firsts.set(key, isKnown ? undefined : name);
    if (first !== undefined) await take(first);
    return !isKnown || take(name);
  };
  return async (name) => {
    const wanted = diskName(name, platform);
    const cut = folded(fitting(wanted, ' (2)'));
    let [free, number] = [wanted, numbers.get(cut) ?? 1];
    while (!(await isFree(free))) free = fitting(wanted, ` (${++number})`);
    numbers.set(cut, number);
    return free;
  };
}

/** The same for all names that a file system may take for one. */
function folded(name: string): string {
  return name.normalize('NFC').toUpperCase().toLowerCase();
}

/** The name with a number before its ending, cut so that both fit. */
function fitting(name: string, number: string): string {
  const ending = path.extname(name).length <= LONGEST_ENDING ? path.extname(name) : '';
  const stem = Array.from(ending === '' ? name : name.slice(0, -ending.length));
  const size = (): number => Buffer.byteLength(stem.join('') + number + ending);
  for (let over = size() - MOST_BYTES; over > 0; over = size() - MOST_BYTES) stem.length -= Math.ceil(over / 4);
  return stem.join('') + number + ending;
}
