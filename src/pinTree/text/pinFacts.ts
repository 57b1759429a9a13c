import { looksLikeCid } from '../../pin/cid';
import type { Pin } from '../../pin/pin';
import type { SafeText } from '../../base/safeText';
import { safe, safeText } from '../../base/safeText';
import { sizeText } from '../../base/sizeAndAge';
import { withCommas } from '../../base/withCommas';

export function byteCount(bytes: number | string): string {
  return `${withCommas(bytes)} ${String(bytes) === '1' ? 'byte' : 'bytes'}`;
}

/** `1.2 MB (1,204,567 bytes)` */
export function exactSize(bytes: number | string): SafeText {
  return safe`${sizeText(bytes)} (${byteCount(bytes)})`;
}

/** Title and value of each known fact of a pin, for tooltips and documents. Plain text. */
export function pinFacts(pin: Pin): [string, SafeText][] {
  const { sizeBytes } = pin;
  const facts: [string, string | number | undefined][] = [
    ['CID', looksLikeCid(pin.cid) ? pin.cid : `${pin.cid} (not a valid CID)`],
    ['Type', pin.type],
    ['Size', sizeBytes === undefined ? undefined : exactSize(sizeBytes)],
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
  return facts.flatMap(([title, value]): [string, SafeText][] =>
    value === undefined ? [] : [[title, safeText(String(value), 500)]],
  );
}
