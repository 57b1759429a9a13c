import type { SafeText } from '../../base/safeText';
import { safe, safeText } from '../../base/safeText';
import { sizeText } from '../../base/sizeAndAge';
import { withCommas } from '../../base/withCommas';
import type { IpfsStat } from '../ipfsFiles';

/** The message after content was saved: what was checked, and nothing else. */
interface SavedText {
  readonly text: SafeText;
  /** True if the root states another size than was written. */
  readonly isWarning: boolean;
}

/** `bytes`: the number written, of the content that `stat` describes. Each block has been compared with its CID (verifiedBlocks.ts). */
export function savedText(name: string, bytes: number, { type, statedBytes }: Pick<IpfsStat, 'type' | 'statedBytes'>): SavedText {
  const saved = safe`Saved ${safeText(name)} (${sizeText(bytes)})`;
  // For data, the saved bytes may be the block as JSON.
  if (type !== 'file') return { text: safe`${saved}, made from a block that was verified by its hash.`, isWarning: false };
  if (statedBytes === undefined)
    return { text: safe`${saved}. Every block was verified by its hash; the root doesn't state a size.`, isWarning: false };
  if (statedBytes === bytes)
    return {
      text: safe`${saved}. Every block was verified by its hash, and the size is what the root states.`,
      isWarning: false,
    };
  const why = `Every block was verified by its hash, but the root states ${inBytes(statedBytes)}, and ${inBytes(bytes)} are below it.`;
  return { text: safe`${saved}. ${why} Compare it with another copy.`, isWarning: true };
}

/** Exact, since two sizes can look alike once they are rounded. */
function inBytes(bytes: number): string {
  return `${withCommas(bytes)} bytes`;
}
