import { IpfsKitError } from '../../base/ipfsKitError';
import { cursorOn } from './cursor';
import { damaged, tooLarge } from './levelDbFile';
import { logRecords } from './logRecords';
import { userKey } from './keys';

/** A sorted table. Both keys are without what LevelDB adds to them. */
export interface TableFile {
  readonly number: number;
  /** In bytes. */
  readonly size: number;
  readonly smallest: Uint8Array;
  readonly largest: Uint8Array;
}

/** The files that a LevelDB consists of. */
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
const MOST_TABLES = 200_000;
const MOST_LEVEL = 100;

/** The version that the edits of a manifest make, one after the other. Rejects as logRecords does, and with `unsupported` for another order of keys. */
export async function readVersion(path: string, signal: AbortSignal): Promise<Version> {
  const tables = new Map<string, TableFile>();
  let [comparator, log, logBefore, nextNumber] = ['', undefined as number | undefined, 0, undefined as number | undefined];
  const invalid = (): IpfsKitError => damaged(path, 'an edit has an unknown form');
  for await (const edit of logRecords(path, MOST_MANIFEST_BYTES, signal)) {
    const fields = cursorOn(edit, () => damaged(path, 'an edit is cut off'));
    const added = new Map<string, TableFile>();
    const place = (): { readonly number: number; readonly key: string } => {
      const [level, number] = [fields.number(), fields.number()];
      if (level > MOST_LEVEL) throw invalid();
      return { number, key: `${level} ${number}` };
    };
    while (!fields.isAtEnd()) {
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
          tables.delete(place().key);
          break;
        case FIELD.newTable: {
          const { number, key } = place();
          const size = fields.number();
          const [smallest, largest] = [userKey(fields.text()), userKey(fields.text())];
          if (!smallest || !largest) throw invalid();
          added.set(key, { number, size, smallest, largest });
          break;
        }
        default:
          throw invalid();
      }
    }
    // A table that moves to another level is deleted and added by one edit, in any order.
    for (const [key, table] of added) tables.set(key, table);
    if (tables.size > MOST_TABLES) throw tooLarge(path, 'names more tables than IPFS Kit reads');
  }
  if (comparator === '' || log === undefined || nextNumber === undefined) throw damaged(path, 'its first edit is missing');
  if (comparator !== COMPARATOR) throw new IpfsKitError('unsupported', `${path} has another order of keys than Kubo's.`);
  return { log, logBefore, nextNumber, tables: [...tables.values()] };
}
