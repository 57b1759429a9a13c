import { opendirSync } from 'node:fs';
import path from 'node:path';
import { IpfsKitError } from '../../base/ipfsKitError';
import { withCommas } from '../../base/withCommas';
import { unreadable } from '../../base/regularFile';

/** A file of a set, with the values for all its rows from the names of its folders (`backend=s3`); null stands for a missing value. */
export interface ParquetPart {
  readonly file: string;
  readonly keys: ReadonlyMap<string, string | null>;
}

/** A list that is kept in several Parquet files. */
export interface ParquetSet {
  /** In the order of their paths, numbers in them by value: `part-2` before `part-10`. */
  readonly parts: readonly ParquetPart[];
  /** All Parquet files of the folder are parts, regardless of their names. */
  readonly isWhole: boolean;
  /** What may be parts too but is skipped, as phrases: `3 symbolic links`. */
  readonly aside: readonly string[];
  /** What to do about that, as sentences. */
  readonly nextStep: string;
}

const MOST_PARTS = 1000;
/** The most levels of folders. */
const MOST_DEPTH = 8;
/** The most names that are read from all folders of a set together. */
const MOST_ENTRIES = 20_000;

const PARQUET = /\.parquet$/i;
/** Hive's way to write a column as folders, which Spark, pyarrow, DuckDB and Polars share. */
const PARTITION = /^([^=]+)=(.*)$/s;
const NO_VALUE = '__HIVE_DEFAULT_PARTITION__';
/** Files that writers of sets put beside the parts: if one exists, all Parquet files there are parts. */
const MARKERS = new Set(['_SUCCESS', '_metadata', '_common_metadata']);
/**
 * Names that writers of sets count up: `part-00000-….snappy.parquet` (Spark), `part-0`, `0123…cdef-0` (pyarrow), `part.0` (Dask), `data_0` (DuckDB),
 * `00000000` (Polars), `pins-00000-of-00002`. A date isn't such a number: the lists of two days aren't one list.
 */
const COUNTED =
  /^(?:(?:part|data|chunk|shard|file)[-_.]?)?(?!(?:19|20)\d\d-?\d\d-?\d\d)\d+(?=[-_.])|^[\da-f]{32}-\d+\.|[-_.]\d+-of-\d+\./i;
/** Below ipfs_kit_py's data folder: one list per backend, in a folder named for it. */
const BACKENDS = 'backends';
const MAPPINGS = 'pin_mappings.parquet';

/** Whether a folder of this name holds parts of a set, regardless of its location. */
export function isSetFolder(name: string): boolean {
  return !isIgnored(name) && (PARQUET.test(name) || PARTITION.test(name));
}

/**
 * The parts that a folder holds, its `key=value` folders included; where all its files are parts, those in its subfolders too, as in pyarrow. Undefined where
 * it holds no set. Symbolic links aren't followed, and names that begin with a dot or an underscore aren't parts. Throws unreadable.
 */
export function parquetSet(folder: string): ParquetSet | undefined {
  const found = { parts: [] as ParquetPart[], links: 0, closed: 0, more: 0, entries: 0 };
  const name = path.basename(folder);
  let isWholeSet = false;
  const walk = (at: string, keys: ParquetPart['keys'], depth: number): void => {
    const entries = entriesOf(at, MOST_ENTRIES - found.entries);
    found.entries += entries.length;
    const files = entries.filter((entry) => PARQUET.test(entry.name) && !isIgnored(entry.name));
    const counted = files.filter((entry) => COUNTED.test(entry.name));
    const isWhole = depth > 0 || PARQUET.test(name) || entries.some((entry) => MARKERS.has(entry.name));
    if (depth === 0) isWholeSet = isWhole;
    for (const file of isWhole ? files : counted.length > 1 ? counted : []) {
      if (file.isLink) found.links++;
      else if (file.isFolder) continue;
      else if (found.parts.length === MOST_PARTS) found.more++;
      else found.parts.push({ file: path.join(at, file.name), keys });
    }
    for (const entry of entries) {
      const [, key = '', value = ''] = PARTITION.exec(entry.name) ?? [];
      if (isIgnored(entry.name) || (key === '' && !(isWhole && entry.isFolder))) continue;
      if (entry.isLink) found.links++;
      else if (!entry.isFolder) continue;
      else if (depth === MOST_DEPTH) found.more++;
      else
        try {
          walk(path.join(at, entry.name), key === '' ? keys : new Map([...keys, [decoded(key), valueOf(value)]]), depth + 1);
        } catch (error) {
          if (!IpfsKitError.is(error, 'unreadable')) throw error;
          found.closed++;
        }
    }
  };
  if (name === BACKENDS) found.parts.push(...mappings(folder));
  else walk(folder, new Map(), 0);
  if (found.parts.length === 0) return undefined;
  const order = new Map(found.parts.map(({ file }) => [file, file.replace(/\d+/g, (digits) => digits.padStart(20, '0'))]));
  const of = ({ file }: ParquetPart): string => order.get(file) ?? file;
  return {
    parts: found.parts.sort((a, b) => (of(a) < of(b) ? -1 : 1)),
    isWhole: isWholeSet,
    aside: [
      ...(found.more > 0 ? [`${withCommas(found.more)} beyond the ${withCommas(MOST_PARTS)} files or ${MOST_DEPTH} levels`] : []),
      ...(found.entries >= MOST_ENTRIES ? [`everything after the first ${withCommas(MOST_ENTRIES)} names`] : []),
      ...(found.closed > 0 ? [`${withCommas(found.closed)} unreadable ${found.closed === 1 ? 'folder' : 'folders'}`] : []),
      ...(found.links > 0 ? [`${withCommas(found.links)} symbolic ${found.links === 1 ? 'link' : 'links'}`] : []),
    ],
    nextStep: [
      ...(found.more > 0 || found.entries >= MOST_ENTRIES ? ['Write the list to fewer files and folders.'] : []),
      ...(found.closed > 0 ? ['Allow your user to read all folders.'] : []),
      ...(found.links > 0 ? ['Replace the links with the files themselves.'] : []),
    ].join(' '),
  };
}

/** None if there is only one: that is an ordinary file. */
function mappings(folder: string): ParquetPart[] {
  const parts = entriesOf(folder, MOST_PARTS)
    .filter(({ isFolder }) => isFolder)
    .map(({ name }) => path.join(folder, name))
    .filter((backend) => entriesOf(backend, MOST_ENTRIES).some(({ name, isFolder }) => name === MAPPINGS && !isFolder))
    .map((backend) => ({ file: path.join(backend, MAPPINGS), keys: new Map([['backend', path.basename(backend)]]) }));
  return parts.length > 1 ? parts : [];
}

/** By convention, such names beside the parts are hidden files, unfinished ones, or descriptions of the set. */
export function isIgnored(name: string): boolean {
  return name.startsWith('.') || name.startsWith('_');
}

function valueOf(text: string): string | null {
  return text === NO_VALUE ? null : decoded(text);
}

/** The value is percent-encoded where a file system doesn't allow it. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

export interface FolderEntry {
  readonly name: string;
  readonly isFolder: boolean;
  readonly isLink: boolean;
}

/** The first `most` entries of a folder that the system returns, sorted by name. Throws unreadable. */
export function entriesOf(folder: string, most: number): FolderEntry[] {
  const found: FolderEntry[] = [];
  try {
    const directory = opendirSync(folder);
    try {
      for (let entry = directory.readSync(); entry && found.length < most; entry = directory.readSync())
        found.push({ name: entry.name, isFolder: entry.isDirectory(), isLink: entry.isSymbolicLink() });
    } finally {
      directory.closeSync();
    }
  } catch (error) {
    throw unreadable(folder, error);
  }
  return found.sort((a, b) => (a.name < b.name ? -1 : 1));
}
