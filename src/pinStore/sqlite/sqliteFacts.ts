import type { FactTerm } from '../../pin/filterWords';
import { factColumns } from '../../pin/pinFacts';
import type { PinShape } from '../../pin/columnNames';
import { cutValue, handedOver, metadataText, quoted } from './sqliteExpressions';

/**
 * The conditions that a row must meet to fit all of these terms, by the rules of fitsFact: NULL, which meets none, where that isn't known. `bound` adds a value
 * of the statement and gives its parameter.
 */
export function factConditions(
  shape: PinShape,
  terms: readonly FactTerm[],
  bound: (value: string | number) => string,
): readonly string[] {
  const { expires, replicas, least, metadata } = factColumns(shape);
  const by = (sqlFunction: string, column: string | undefined): string =>
    column === undefined ? 'NULL' : `${sqlFunction}(${cutValue(quoted(column))})`;
  const condition = (term: FactTerm): string => {
    switch (term.word) {
      case 'expires': {
        const ms = by('pin_expiry', expires);
        if (term.atMs === Infinity) return `${ms} = ${NEVER}`;
        return `(${ms} < ${NEVER} AND ${ms} ${term.compare} ${bound(term.atMs)})`;
      }
      case 'replicas': {
        const wanted = term.count === 'min' ? `nullif(${by('pin_wanted', least)}, -1)` : bound(term.count);
        return `${by('pin_count', replicas)} ${term.compare} ${wanted}`;
      }
      case 'meta': {
        if (metadata === undefined) return 'NULL';
        const x = quoted(metadata);
        const text = `CASE typeof(${x}) WHEN 'null' THEN '' WHEN 'text' THEN ${handedOver(metadataText(x))} END`;
        const { key, value } = term;
        return `pin_has_meta(${text}, ${bound(JSON.stringify({ key, value }))})`;
      }
    }
  };
  return terms.map((term) => (term.isUnwanted ? `NOT (${condition(term)})` : `(${condition(term)})`));
}

/** Infinity, as pin_expiry gives it for a pin that never expires. */
const NEVER = '9e999';
