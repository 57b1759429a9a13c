import { IpfsKitError } from '../base/ipfsKitError';
import { byAsker } from '../base/settingOrOption';
import { withCommas } from '../base/withCommas';
import type { OtherSet } from '../pinStore/pinSets';
import { otherSets } from '../pinStore/pinSets';
import type { ListingSources } from './ipfsKitListing';
import type { Listing, ListingOptions } from './listing';

/** A set of pins on disk beside the listed one, as the API of the extension and the command line give it. */
export interface OtherPins {
  /** Which program of ipfs_kit_py keeps it; left out for a database that none of them writes. */
  readonly name?: string;
  /** Its newest store: a path for `database`. */
  readonly location: string;
  readonly source: OtherSet['format'];
  /** When it was written; ISO 8601, UTC. */
  readonly asOf: string;
  /** Number of its pins; left out where counting them would take long, or they can't be read. */
  readonly pins?: number;
}

/** Larger stores aren't counted, and DuckDB, which Python reads, isn't either. */
const MOST_COUNTED_BYTES = 4 * 2 ** 20;
const MOST_COUNTED = 8;

type Options = Pick<ListingOptions, 'worker' | 'signal'>;

/** The sets on disk that a list of ipfs_kit_py doesn't have. A daemon lists the pin index, whose last list is the kept one. Rejects only with `cancelled`. */
export async function setsBeside(
  { freshness, opened }: Listing,
  { databasePath }: ListingSources,
  { worker, signal }: Options,
): Promise<readonly OtherSet[]> {
  if (freshness === 'snapshot') return opened.otherSets ?? [];
  if (freshness === 'sample' || databasePath === undefined) return [];
  try {
    const candidates = await worker.request('locate', { databasePath }, { signal });
    return otherSets(candidates, { sets: ['pin index'], stores: [] }).filter(({ name }) => name !== undefined);
  } catch (error) {
    if (IpfsKitError.is(error, 'cancelled')) throw error;
    return []; // A folder that can't be read has none.
  }
}

/** The same for people and programs: without those that have no pins. Rejects only with `cancelled`. */
export async function countedSets(sets: readonly OtherSet[], { worker, signal }: Options): Promise<readonly OtherPins[]> {
  const all: OtherPins[] = [];
  let counted = 0;
  for (const { name, path, format, modifiedMs, sizeBytes } of sets) {
    const isCounted = format !== 'duckdb' && sizeBytes <= MOST_COUNTED_BYTES && counted++ < MOST_COUNTED;
    const { pins, problem } = isCounted ? await worker.request('survey', { path, format }, { signal }) : {};
    if (pins === 0 || problem?.reason === 'no-pins-table') continue;
    const asOf = new Date(modifiedMs).toISOString();
    all.push({ ...(name !== undefined && { name }), location: path, source: format, asOf, ...(pins !== undefined && { pins }) });
  }
  return all;
}

/** `Other sets of pins, which this list doesn't have: dashboard (1 pin in /…/pins.json). To list one, name it with --database.` Undefined where there are none. */
export function otherSetsNote(sets: readonly OtherPins[]): string | undefined {
  if (sets.length === 0) return undefined;
  const phrases = sets.slice(0, MOST_COUNTED).map(({ name, location, pins }) => {
    const count = pins === undefined ? '' : `${withCommas(pins)} ${pins === 1 ? 'pin' : 'pins'}`;
    if (name === undefined) return count === '' ? location : `${location} (${count})`;
    return `${name} (${count === '' ? '' : `${count} in `}${location})`;
  });
  const more = sets.length > phrases.length ? `, and ${sets.length - phrases.length} more` : '';
  const step = byAsker('To list one, choose it with Choose Pin Database.', 'To list one, name it with --database.');
  return `Other sets of pins, which this list doesn't have: ${phrases.join(', ')}${more}. ${step}`;
}
