import { pacer } from '../../base/stepByStep';
import { cursorOn } from './cursor';
import type { Write } from './keys';
import { newer, WRITE } from './keys';
import { damaged } from './levelDbFile';

/** The header of a batch: the number of its first write (8 bytes), and how many it has (4). */
const HEADER = 12;
/** Writes between two looks at the clock: a write may take two bytes. */
const WRITES_AT_ONCE = 1024;

/** The last write of a key in a batch, which is a record of the log `path`. Rejects with `corrupt`, `cancelled`. */
export async function writeInBatch(
  path: string,
  batch: Uint8Array,
  key: Uint8Array,
  signal: AbortSignal,
): Promise<Write | undefined> {
  const invalid = () => damaged(path, 'a batch has an unknown form');
  if (batch.length < HEADER) throw invalid();
  const header = Buffer.from(batch.buffer, batch.byteOffset, HEADER);
  const [first, count] = [header.readBigUInt64LE(0), header.readUInt32LE(8)];
  const fields = cursorOn(batch.subarray(HEADER), invalid);
  const due = pacer(signal);
  let found: Write | undefined;
  for (let at = 0; at < count; at++) {
    if (at % WRITES_AT_ONCE === 0) await due();
    const kind = fields.number();
    if (kind !== WRITE.deletion && kind !== WRITE.value) throw invalid();
    const isKey = Buffer.compare(fields.text(), key) === 0;
    const value = kind === WRITE.value ? fields.text() : undefined;
    if (isKey) found = newer({ sequence: first + BigInt(at), value }, found);
  }
  if (!fields.isAtEnd()) throw invalid();
  return found;
}
