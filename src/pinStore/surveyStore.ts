import type { PlainError } from '../base/ipfsKitError';
import { IpfsKitError, toPlainError } from '../base/ipfsKitError';
import type { StoreCandidate } from './locate';
import type { StoreOptions } from './openNewestStore';
import { openCandidate } from './openNewestStore';

/** A store that was read without being the listed one. */
export interface SurveyedStore {
  /** What it holds, for people: `table pins`. */
  readonly detail?: string;
  readonly pins?: number;
  /** Why its pins can't be read. */
  readonly problem?: PlainError;
}

const NEVER = new AbortController().signal;

/** Opens one store, counts its pins and closes it. Rejects only with cancelled. */
export async function surveyStore(
  candidate: Pick<StoreCandidate, 'path' | 'format'>,
  options: StoreOptions,
): Promise<SurveyedStore> {
  try {
    const { table, incomplete } = await openCandidate(candidate, options);
    try {
      const pins = await table.count({}, options.signal ?? NEVER);
      return { detail: `${table.detail}${incomplete ? ', incomplete' : ''}`, pins };
    } finally {
      table.close();
    }
  } catch (error) {
    if (IpfsKitError.is(error, 'cancelled')) throw error;
    return { problem: toPlainError(error) };
  }
}
