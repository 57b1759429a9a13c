import type { Pin } from '../../pin/pin';
import type { SafeText } from '../../base/safeText';
import { safe } from '../../base/safeText';
import { untilText } from '../../base/sizeAndAge';

/** An expiry as close as this is shown in the row. */
const SOON_MS = 7 * 86_400_000;

/** `expires in 3 d`; `expired` where the source hasn't unpinned it yet. Undefined where it isn't soon. `now` is ms since 1970. */
export function expiryText({ expiresAt }: Pin, now: number, words = false): SafeText | undefined {
  if (expiresAt === undefined || Date.parse(expiresAt) - now > SOON_MS) return undefined;
  const until = untilText(expiresAt, now, words);
  return until === undefined ? safe`expired` : safe`expires in ${until}`;
}
