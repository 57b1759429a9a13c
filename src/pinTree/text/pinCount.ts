import type { SafeText } from '../../base/safeText';
import { safe } from '../../base/safeText';
import { withCommas } from '../../base/withCommas';
import type { PinListState } from '../list/pinListModel';

export function pinCount(total: number): SafeText {
  return safe`${withCommas(total)} ${total === 1 ? 'pin' : 'pins'}`;
}

export function failedPins(failed: number): SafeText {
  return safe`${withCommas(failed)} failed ${failed === 1 ? 'pin' : 'pins'}`;
}

/** The sum of what is known; undefined where nothing is. */
export function sumOfKnown(states: readonly PinListState[], of: (state: PinListState) => number | undefined): number | undefined {
  const known = states.flatMap((state) => of(state) ?? []);
  return known.length === 0 ? undefined : known.reduce((sum, each) => sum + each, 0);
}
