import type { SafeText } from '../../base/safeText';
import { safe } from '../../base/safeText';
import { withCommas } from '../../base/withCommas';

export function pinCount(total: number): SafeText {
  return safe`${withCommas(total)} ${total === 1 ? 'pin' : 'pins'}`;
}
