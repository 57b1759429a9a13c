import { IpfsKitError } from '../../base/ipfsKitError';
import type { SourceList } from './sourceList';

/**
 * Whether a source adds nothing to the view beside others: it is missing, or nothing is known to be in it, and its capabilities say that it is hidden then. While
 * it is loaded it isn't known yet, and an error of a daemon is shown only with the source that has the same daemon. `listed`: all sources that are expected.
 */
export function isHidden({ source, model: { state } }: SourceList, listed: readonly SourceList[]): boolean {
  const { hiddenWhenMissing, hiddenWhenEmpty, partOf } = source.capabilities;
  const { listing, error } = state;
  if (hiddenWhenMissing && IpfsKitError.is(error, 'missing')) return true;
  if (!hiddenWhenEmpty) return false;
  if (listing) return listing.opened.atMost === 0 && listing.incomplete === undefined;
  const whole = listed.find((other) => other.source.id === partOf?.id)?.model.state;
  return error === undefined || (whole !== undefined && (whole.busy || whole.listing === undefined));
}
