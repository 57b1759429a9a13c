import { IpfsKitError } from '../../base/ipfsKitError';
import { pacer } from '../../base/stepByStep';
import { cursorOn } from './cursor';
import { damaged, tooLarge } from './levelDbFile';
import { logRecords } from './logRecords';
import { userKey } from './keys';

/** A sorted table. */
export interface TableFile {
  readonly number: number;
  /** In bytes. */
  readonly size: number;
}

/** The files of a LevelDB that may have a key. */
export interface Version {
  /** The first log whose batches aren't in a table. */
  readonly log: number;
  /** An older log of that kind; 0 for none. */
  readonly logBefore: number;
  /** No table that the manifest knows has this number or a higher one. */
  readonly nextNumber: number;
  readonly tables: readonly TableFile[];
}

/** What the fields of an edit are, by the number before each. */
const FIELD = {
  comparator: 1,
  log: 2,
  nextNumber: 3,
  lastSequence: 4,
  compactedUpTo: 5,
  deletedTable: 6,
  newTable: 7,
  logBefore: 9,
} as const;

const COMPARATOR = 'leveldb.BytewiseComparator';
/** goleveldb begins a new manifest after 64 MiB. */
const MOST_MANIFEST_BYTES = 128 * 1024 * 1024;
/** The most tables that may have one key: those of level 0, a few, and one of each other level. */
const MOST_TABLES = 10_000;
/** Fields between two looks at the clock. */
const FIELDS_AT_ONCE = 1024;
const MOST_LEVEL = 100;

/**
 * The version that the edits of a manifest make, one after the other, with the tables whose smallest and largest keys enclose `key`. Rejects as logRecords does, and with
 * `unsupported` for another order of keys.
 */
export async function readVersion(path: string, key: Uint8Array, signal: AbortSignal): Promise<Version> {
  const tables = new Map<string, TableFile>();
  let [comparator, log, logBefore, nextNumber] = ['', undefined as number | undefined, 0, undefined as number | undefined];
  const due = pacer(signal);
  let read = 0;
  const invalid = (): IpfsKitError => damaged(path, 'an edit has an unknown form');
  const tooMany = (): IpfsKitError => tooLarge(path, 'names more tables for one key than IPFS Kit reads');
  for await (const edit of logRecords(path, MOST_MANIFEST_BYTES, signal)) {
    const fields = cursorOn(edit, () => damaged(path, 'an edit is cut off'));
    const added = new Map<string, TableFile>();
    const place = (): { readonly number: number; readonly at: string } => {
      const [level, number] = [fields.number(), fields.number()];
      if (level > MOST_LEVEL) throw invalid();
      return { number, at: `${level} ${number}` };
    };
    while (!fields.isAtEnd()) {
      if (read++ % FIELDS_AT_ONCE === 0) await due();
      switch (fields.number()) {
        case FIELD.comparator:
          comparator = Buffer.from(fields.text()).toString('latin1');
          break;
        case FIELD.log:
          log = fields.number();
          break;
        case FIELD.logBefore:
          logBefore = fields.number();
          break;
        case FIELD.nextNumber:
          nextNumber = fields.number();
          break;
        case FIELD.lastSequence:
          fields.number();
          break;
        case FIELD.compactedUpTo:
          fields.number();
          fields.text();
          break;
        case FIELD.deletedTable:
          tables.delete(place().at);
          break;
        case FIELD.newTable: {
          const { number, at } = place();
          const size = fields.number();
          const [smallest, largest] = [userKey(fields.text()), userKey(fields.text())];
          if (!smallest || !largest) throw invalid();
          if (Buffer.compare(key, smallest) < 0 || Buffer.compare(key, largest) > 0) break;
          added.set(at, { number, size });
          if (added.size > MOST_TABLES) throw tooMany();
          break;
        }
        default:
          throw invalid();
      }
    }
    // A table that moves to another level is deleted and added by one edit, in any order.
    for (const [at, table] of added) tables.set(at, table);
    if (tables.size > MOST_TABLES) throw tooMany();
  }
  if (comparator === '' || log === undefined || nextNumber === undefined) throw damaged(path, 'its first edit is missing');
  if (comparator !== COMPARATOR) throw new IpfsKitError('unsupported', `${path} has another order of keys than Kubo's.`);
  return { log, logBefore, nextNumber, tables: [...tables.values()] };
}
