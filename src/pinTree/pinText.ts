import { looksLikeCid } from '../pin/cid';
import type { Pin } from '../pin/pin';
import { safeLabel, safeLine } from '../safeText';
import { ageText, sizeText, UNIT_WORDS } from '../sizeAndAge';
import { withCommas } from '../withCommas';

/** How a pin reads in a row, in a tooltip and aloud. Plain text in, plain text out; `now` is ms since 1970. */

/** `bafy…bzdi`: enough of both ends to tell it from others at a glance, and no more than a narrow side bar has room for. */
export function shortCid(cid: string): string {
  return cid.length <= 12 ? cid : `${cid.slice(0, 4)}…${cid.slice(-6)}`;
}

export function pinLabel({ name, cid }: Pin): string {
  return name === undefined ? safeLabel(shortCid(cid)) : safeLabel(name);
}

export function pinDescription(pin: Pin, now: number): string {
  const { name, cid, sizeBytes, type, pinnedAt } = pin;
  const parts = [
    sizeBytes === undefined ? undefined : sizeText(sizeBytes),
    type === undefined ? undefined : safeLabel(type, 40),
    pinnedAt === undefined ? undefined : ageText(pinnedAt, now),
    name === undefined ? undefined : safeLabel(shortCid(cid), 40),
    looksLikeCid(cid) ? undefined : 'not a valid CID',
  ];
  return parts.filter((part) => part !== undefined).join(' · ');
}

/** For screen readers: words, no symbols. */
export function pinSpoken(pin: Pin, now: number): string {
  const { name, cid, sizeBytes, type, pinnedAt } = pin;
  const parts = [
    name === undefined ? `CID ${safeLine(cid)}` : safeLine(name),
    `${type === undefined ? '' : `${safeLine(type, 40)} `}pin`,
    sizeBytes === undefined ? 'size unknown' : sizeText(sizeBytes, UNIT_WORDS),
    pinnedAt === undefined ? undefined : `pinned ${ageText(pinnedAt, now, true)}`,
    name === undefined ? undefined : `CID ${safeLine(cid)}`,
    looksLikeCid(cid) ? undefined : 'not a valid CID',
  ];
  return parts.filter((part) => part !== undefined).join(', ');
}

function byteCount(bytes: number | string): string {
  return `${withCommas(bytes)} ${String(bytes) === '1' ? 'byte' : 'bytes'}`;
}

/** Title and value of everything known, for the tooltip. */
export function pinFacts(pin: Pin): [string, string][] {
  const { sizeBytes } = pin;
  const facts: [string, string | number | undefined][] = [
    ['CID', looksLikeCid(pin.cid) ? pin.cid : `${pin.cid} (not a valid CID)`],
    ['Type', pin.type],
    ['Size', sizeBytes === undefined ? undefined : `${sizeText(sizeBytes)} (${byteCount(sizeBytes)})`],
    ['Pinned', pin.pinnedAt],
    ['VFS path', pin.vfsPath],
    ['Mount point', pin.mountPoint],
    ['Tier', pin.tier],
    ['Replicas', pin.replicas],
    ['Backend', pin.backend],
    ['Integrity', pin.integrity],
    ['Status', pin.status],
    ['Last accessed', pin.lastAccessed],
  ];
  return facts.flatMap(([title, value]): [string, string][] =>
    value === undefined ? [] : [[title, safeLine(String(value), 500)]],
  );
}
