import type { SafeText } from '../../base/safeText';
import { safe } from '../../base/safeText';
import { clockText } from './provenanceText';

/** `New since 14:05`. Both times are ms since 1970. */
export function newSinceText(sinceMs: number, now: number): SafeText {
  return safe`New since ${clockText(sinceMs, now)}`;
}
