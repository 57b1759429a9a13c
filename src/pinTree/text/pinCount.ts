import { counted } from '../../base/counted';
import type { SafeText } from '../../base/safeText';
import type { PinListState } from '../list/pinListModel';

export function pinCount(total: number): SafeText {
  return counted(total, 'pin');
}

/** The sum of what is known; undefined where nothing is. */
export function sumOfKnown(states: readonly PinListState[], of: (state: PinListState) => number | undefined): number | undefined {
  const known = states.flatMap((state) => of(state) ?? []);
  return known.length === 0 ? undefined : known.reduce((sum, each) => sum + each, 0);
}
