import { looksLikeCid, shortCid } from '../../pin/cid';
import type { Pin } from '../../pin/pin';
import type { SafeText } from '../../base/safeText';
import { joined, safe, safeName, safeText } from '../../base/safeText';
import { expiryText } from './expiryText';
import type { Noun } from './pinCount';
import { ageText, sizeText, UNIT_WORDS } from '../../base/sizeAndAge';

/** The texts of a pin in a row, in a dialog and for screen readers, all plain text. `now` is ms since 1970. */

/** The name; without one, `kind` and the end of the CID, or the short CID. `kind`: what kindName says of a pin without a name. */
export function pinLabel({ name, cid }: Pin, kind?: string): SafeText {
  if (name !== undefined) return safeName(name);
  return kind === undefined ? safeText(shortCid(cid)) : safe`${kind} …${cid.slice(-6)}`;
}

/**
 * The description in a row: what is wrong or under way comes first, because a narrow side bar cuts off the end. Recursive is what nearly all pins are. `also`: the
 * other sources of the content, where they are what the user looks at.
 */
export function pinDescription(pin: Pin, now: number, also?: SafeText): SafeText {
  const { cid, sizeBytes, type, pinnedAt, status } = pin;
  return joined(
    [
      looksLikeCid(cid) ? undefined : 'not a valid CID',
      status === undefined || status === 'pinned' ? undefined : safeText(status, 60),
      expiryText(pin, now),
      also === undefined ? undefined : safe`also in ${also}`,
      sizeBytes === undefined ? undefined : safeText(sizeText(sizeBytes)),
      type === undefined || type === 'recursive' ? undefined : safeText(type, 40),
      pinnedAt === undefined ? undefined : safeText(ageText(pinnedAt, now)),
    ],
    ' · ',
  );
}

/** The text for screen readers: words, no symbols. `kind` as for pinLabel. `noun`: what the row is. */
export function pinSpoken(pin: Pin, now: number, kind?: string, noun: Noun = 'pin', also?: SafeText): SafeText {
  const { name, cid, sizeBytes, type, pinnedAt } = pin;
  const label = name === undefined ? (kind === undefined ? undefined : safeText(kind)) : safeName(name);
  return joined(
    [
      label ?? safe`CID ${safeText(cid)}`,
      type === undefined ? noun : safe`${safeText(type, 40)} pin`,
      pin.status === undefined ? undefined : safe`status ${safeText(pin.status, 60)}`,
      expiryText(pin, now, true),
      also === undefined ? undefined : safe`also in ${also}`,
      sizeBytes === undefined ? 'size unknown' : safeText(sizeText(sizeBytes, UNIT_WORDS)),
      pinnedAt === undefined ? undefined : safe`pinned ${ageText(pinnedAt, now, true)}`,
      label === undefined ? undefined : safe`CID ${safeText(cid)}`,
      looksLikeCid(cid) ? undefined : 'not a valid CID',
    ],
    ', ',
  );
}
