import type { FactTerm } from '../pin/filterWords';
import { factColumns, fitsFact } from '../pin/pinFacts';
import type { PinColumns, Rows } from './pinColumns';
import { selectRows } from './selectRows';

/** The rows of which it is known that they fit all of these terms. */
export async function rowsOfFacts(of: Rows, columns: PinColumns, terms: readonly FactTerm[], signal: AbortSignal): Promise<Rows> {
  const { source, shape, rows } = columns;
  const known = factColumns(shape);
  let row = 0;
  const value = (column: string): unknown => source.value(column, row);
  const fits = (term: FactTerm): boolean => fitsFact(term, known, value) === !term.isUnwanted;
  return terms.length === 0 ? of : selectRows(of, rows, (each) => ((row = each), terms.every(fits)), signal);
}
