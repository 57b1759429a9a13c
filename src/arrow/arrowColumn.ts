import type { Data, Vector } from 'apache-arrow';
import { IpfsKitError } from '../base/ipfsKitError';
import type { Column } from '../pin/columnSource';
import type { ColumnBatch } from './columnBatch';
import { columnOfBatches } from './columnBatch';
import { DICTIONARY, TYPE } from './columnTypes';
import { dictionaryBatch } from './dictionaryLayout';
import { fixedWidthBatch } from './fixedWidthLayout';
import { offsetBatch } from './offsetLayout';
import type { Validity } from './validityBitmap';
import { clearBits } from './validityBitmap';
import { viewBatch } from './viewLayout';

const WRONG_NULLS = "its number of nulls isn't the one that it declares";

/**
 * Makes a readable column from a column that apache-arrow has decoded. Everything is checked before the first value is read: that there are enough values, as
 * many nulls as declared (`nulls`, from the headers of the batches), and the rules of each layout. Throws IpfsKitError `malformed`, which names the column.
 */
export function arrowColumn(name: string, vector: Vector, nulls = vector.nullCount): Column {
  const broken = (what: string): IpfsKitError =>
    new IpfsKitError('malformed', `The Arrow column "${name.slice(0, 100)}" is broken: ${what}.`);
  // Many batches share a dictionary, and a dictionary that is extended keeps its earlier batches, so each is checked only once.
  const dictionaries = new Map<Vector, Column>();
  const dictionaryBatches = new Map<Data, ColumnBatch>();

  const columnOf = (dictionary: Vector): Column => {
    const known = dictionaries.get(dictionary);
    if (known) return known;
    const column = columnOfBatches(
      batchesOf(dictionary, (data) => {
        const batch = dictionaryBatches.get(data) ?? read(data);
        dictionaryBatches.set(data, batch);
        return batch;
      }),
    );
    dictionaries.set(dictionary, column);
    return column;
  };
  const read = (data: Data): ColumnBatch => {
    const typeId: number = data.typeId;
    if (typeId === TYPE.null) return nullBatch(data.length);
    const validity = validityOf(data, broken);
    switch (typeId) {
      case TYPE.utf8:
      case TYPE.largeUtf8:
        return offsetBatch(data, validity, broken);
      case TYPE.utf8View:
        return viewBatch(data, validity, broken);
      case DICTIONARY:
        return dictionaryBatch(data, validity, columnOf, broken);
      default: {
        const batch = fixedWidthBatch(data, validity, broken);
        if (!batch) throw broken(`its type ${typeId} isn't supported`);
        return batch;
      }
    }
  };

  const batches = batchesOf(vector, read);
  const typeId: number = (vector.type as { readonly typeId: number }).typeId;
  if (typeId !== TYPE.null && vector.nullCount !== nulls) throw broken(WRONG_NULLS);
  return columnOfBatches(batches);
}

function batchesOf(vector: Vector, read: (data: Data) => ColumnBatch): ColumnBatch[] {
  return vector.data.filter(({ length }) => length > 0).map((data) => read(data as Data));
}

function nullBatch(rows: number): ColumnBatch {
  const value = (): null => null;
  return { rows, hasTextInEveryRow: false, value, uncutValue: value };
}

/** The validity bitmap of the batch, which must have as many nulls as the batch declares. */
function validityOf(data: Data, broken: (what: string) => Error): Validity {
  const { length, nullCount } = data;
  if (nullCount === 0) return undefined;
  const bitmap = data.nullBitmap as Uint8Array | undefined;
  if (bitmap === undefined || bitmap.length * 8 < length) throw broken('its validity bitmap is too short');
  if (clearBits(bitmap, length) !== nullCount) throw broken(WRONG_NULLS);
  return bitmap;
}
