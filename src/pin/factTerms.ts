import type { PinField, PinShape } from './columnNames';
import type { Comparison, FactTerm } from './filterWords';
import { foldAscii } from './pinQuery';
import { countOf, expiryMsOf, metadataOf, textOf, wantedCountOf } from './pinRecord';

/** Reads the raw values of the fields of one pin; `user` is the column of ofShape that holds the user's metadata. */
export type RawValue = (column: string) => unknown;

/** The columns that a word asks about; undefined where the list has none, so that nothing is known. */
export interface FactColumns {
  readonly expires: string | undefined;
  readonly replicas: string | undefined;
  readonly least: string | undefined;
  readonly status: string | undefined;
  readonly metadata: string | undefined;
}

/** How many peers have a pin is what counts, where the list can tell it; otherwise the number that the list has. Metadata without a separate column is in that of ipfs_kit_py. */
export function factColumns({ columns, metadata }: PinShape): FactColumns {
  const of = (...fields: PinField[]): string | undefined =>
    fields.map((field) => columns.get(field)).find((name) => name !== undefined);
  return {
    expires: of('expiresAt'),
    replicas: of('replicasPinned', 'replicas'),
    least: of('replicasMin'),
    status: of('status'),
    metadata: of('metadata') ?? metadata,
  };
}

/** Whether a pin fits a term; undefined where that isn't known. */
export function fitsFact(term: FactTerm, known: FactColumns, value: RawValue): boolean | undefined {
  const of = (column: string | undefined): unknown => (column === undefined ? undefined : value(column));
  switch (term.word) {
    case 'expires':
      return fitsTime(expiryMsOf(of(known.expires)), term.compare, term.atMs);
    case 'replicas': {
      const had = countOf(of(known.replicas));
      const least = (): number | undefined => leastOf(wantedCountOf(of(known.least)), had, textOf(of(known.status)));
      return fitsNumber(had, term.compare, term.count === 'min' ? least() : term.count);
    }
    case 'meta':
      return known.metadata === undefined ? undefined : fitsMetadata(value(known.metadata), term);
  }
}

/** How many peers should have the pin at least. Where all should (-1), the list doesn't say how many these are: with the status `pinned` they have it. */
function leastOf(wanted: number | undefined, had = NaN, status: string | undefined): number | undefined {
  if (wanted !== -1) return wanted;
  return status === undefined || status === 'unknown' ? undefined : status === 'pinned' ? had : had + 1;
}

/** A pin that never expires is at no time: it fits `expires:never` only. */
function fitsTime(ms: number, compare: Comparison, atMs: number): boolean | undefined {
  if (ms === Infinity && atMs !== Infinity) return false;
  return fitsNumber(Number.isNaN(ms) ? undefined : ms, compare, atMs);
}

function fitsNumber(number: number | undefined, compare: Comparison, other: number | undefined): boolean | undefined {
  if (number === undefined || other === undefined || Number.isNaN(other)) return undefined;
  switch (compare) {
    case '=':
      return number === other;
    case '<':
      return number < other;
    case '<=':
      return number <= other;
    case '>':
      return number > other;
    case '>=':
      return number >= other;
  }
}

/** The value must be the whole text; ASCII letters match in either case. No metadata at all is known to have no key. */
export function fitsMetadata(
  metadata: unknown,
  { key, value }: { readonly key: string; readonly value: string | undefined },
): boolean | undefined {
  const known = metadata === null || metadata === undefined || metadata === '' ? {} : metadataOf(metadata);
  return (
    known &&
    Object.entries(known).some(
      ([name, each]) => foldAscii(name) === key && (value === undefined || (isText(each) && foldAscii(String(each)) === value)),
    )
  );
}

function isText(value: unknown): value is string | number | boolean {
  return ['string', 'number', 'boolean'].includes(typeof value);
}
