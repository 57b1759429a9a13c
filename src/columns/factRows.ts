import type { FactTerm } from '../pin/filterWords';
import type { FactColumns } from '../pin/factTerms';
import { factColumns, fitsFact } from '../pin/factTerms';
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
  const fits = terms.map((term) =>
    term.word === 'meta' ? ofMetadata(term, known) : (read: Value) => isFitting(term, known, read),
  );
  return selectRows(of, rows, (each) => ((row = each), fits.every((isTrue) => isTrue(value))), signal);
}

function isFitting(term: FactTerm, known: FactColumns, value: Value): boolean {
  return fitsFact(term, known, value) === !term.isUnwanted;
}

const MOST_REMEMBERED = 4096;

/** Many pins have the same metadata: each text is parsed once, as long as there are few. */
function ofMetadata(term: FactTerm, known: FactColumns): (value: Value) => boolean {
  const remembered = new Map<unknown, boolean>();
  const { metadata } = known;
  if (metadata === undefined) return () => false;
  return (value) => {
    const text = value(metadata);
    let fits = remembered.get(text);
    if (fits === undefined) {
      fits = isFitting(term, known, () => text);
      if (remembered.size < MOST_REMEMBERED) remembered.set(text, fits);
    }
    return fits;
  };
}
