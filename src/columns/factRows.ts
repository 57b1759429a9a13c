import type { FactTerm } from '../pin/filterWords';
import type { FactColumns } from '../pin/factTerms';
import { factColumns, fitsFact } from '../pin/factTerms';
import { metadataOf } from '../pin/pinRecord';
import type { PinColumns, Rows } from './pinColumns';
import { selectRows } from './selectRows';

type Value = (column: string) => unknown;

/** The rows of which it is known that they fit all of these terms. */
export async function rowsOfFacts(of: Rows, columns: PinColumns, terms: readonly FactTerm[], signal: AbortSignal): Promise<Rows> {
  if (terms.length === 0) return of;
  const { source, shape, rows } = columns;
  const known = factColumns(shape);
  let row = 0;
  const value: Value = (column) => source.value(column, row);
  const ofMetadata = fitsMetadataOf(
    terms.filter(({ word }) => word === 'meta'),
    known,
  );
  const others = terms.filter(({ word }) => word !== 'meta');
  const fits = (): boolean => others.every((term) => isFitting(term, known, value)) && ofMetadata(value);
  return selectRows(of, rows, (each) => ((row = each), fits()), signal);
}

function isFitting(term: FactTerm, known: FactColumns, value: Value): boolean {
  return fitsFact(term, known, value) === !term.isUnwanted;
}

const MOST_REMEMBERED = 4096;
/** UTF-16 units: longer texts are rarely the same, and would take hundreds of MB. */
const LONGEST_REMEMBERED = 512;

/** Whether a row fits all of these terms. Many pins have the same metadata: each text is parsed once, as long as there are few. */
function fitsMetadataOf(terms: readonly FactTerm[], known: FactColumns): (value: Value) => boolean {
  const remembered = new Map<unknown, boolean>();
  const { metadata } = known;
  if (terms.length === 0) return () => true;
  if (metadata === undefined) return () => false;
  return (value) => {
    const text = value(metadata);
    const before = remembered.get(text);
    if (before !== undefined) return before;
    const read = typeof text === 'string' ? (metadataOf(text) ?? text) : text;
    const fits = terms.every((term) => isFitting(term, known, () => read));
    const isShort = typeof text === 'string' && text.length <= LONGEST_REMEMBERED;
    if (isShort && remembered.size < MOST_REMEMBERED) remembered.set(text, fits);
    return fits;
  };
}
