import { looksLikeCid, shortCid } from '../../pin/cid';
import type { Pin } from '../../pin/pin';
import type { SafeText } from '../../base/safeText';
import { joined, safe, safeText } from '../../base/safeText';
import { ageText, sizeText, UNIT_WORDS } from '../../base/sizeAndAge';

/** The texts of a pin in a row, in a tooltip and for screen readers, all plain text. `now` is ms since 1970. */

export function pinLabel({ name, cid }: Pin): SafeText {
  return safeText(name ?? shortCid(cid));
}

const ICON_OF_TYPE: Readonly<Record<string, string>> = { recursive: 'pinned', direct: 'pin', indirect: 'references' };

/** The name of a codicon for the problem of a pin, else for its type. */
export function pinIcon({ cid, type = '', status = '' }: Pin): string {
  if (!looksLikeCid(cid)) return 'warning';
  if (/fail|error|unexpected/i.test(status)) return 'error';
  return Object.hasOwn(ICON_OF_TYPE, type) ? (ICON_OF_TYPE[type] ?? '') : 'circle-outline';
}

/** The description in a row. A status other than `pinned` comes first, because a narrow side bar cuts off the end. */
export function pinDescription(pin: Pin, now: number): SafeText {
  const { name, cid, sizeBytes, type, pinnedAt } = pin;
  const status = pin.status === undefined ? undefined : safeText(pin.status, 60);
  const isPinned = status === 'pinned';
  return joined(
    [
      isPinned ? undefined : status,
      sizeBytes === undefined ? undefined : safeText(sizeText(sizeBytes)),
      type === undefined ? undefined : safeText(type, 40),
      isPinned ? status : undefined,
      pinnedAt === undefined ? undefined : safeText(ageText(pinnedAt, now)),
      name === undefined ? undefined : safeText(shortCid(cid), 40),
      looksLikeCid(cid) ? undefined : 'not a valid CID',
    ],
    ' · ',
  );
}

/** The text for screen readers: words, no symbols. */
export function pinSpoken(pin: Pin, now: number): SafeText {
  const { name, cid, sizeBytes, type, pinnedAt } = pin;
  return joined(
    [
      name === undefined ? safe`CID ${safeText(cid)}` : safeText(name),
      type === undefined ? 'pin' : safe`${safeText(type, 40)} pin`,
      sizeBytes === undefined ? 'size unknown' : safeText(sizeText(sizeBytes, UNIT_WORDS)),
      pin.status === undefined ? undefined : safe`status ${safeText(pin.status, 60)}`,
      pinnedAt === undefined ? undefined : safe`pinned ${ageText(pinnedAt, now, true)}`,
      name === undefined ? undefined : safe`CID ${safeText(cid)}`,
      looksLikeCid(cid) ? undefined : 'not a valid CID',
    ],
    ', ',
  );
}
