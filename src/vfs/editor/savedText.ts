import { counted } from '../../base/counted';
import type { SafeText } from '../../base/safeText';
import { joined, safe, safeText } from '../../base/safeText';
import { sizeText } from '../../base/sizeAndAge';
import { withCommas } from '../../base/withCommas';
import type { IpfsStat } from '../ipfsFiles';
import type { SavedAmount, SavePlan, SaveReport } from '../savedFolder';

/** The message after content was saved: what was checked, and nothing else. */
export interface SavedText {
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

/** What saving a folder would write, line by line. */
export function planText({ plain, obeyed, links, renamed, unreadable, why }: SavePlan, withObeyed: boolean): SafeText {
  const amounts = withObeyed ? [plain, obeyed] : [plain];
  const sum = (of: (amount: SavedAmount) => number): number => amounts.reduce((total, amount) => total + of(amount), 0);
  const [folders, unsized] = [sum((amount) => amount.folders), sum((amount) => amount.unsized)];
  const inFolders = folders > 0 ? safe` in ${counted(folders, 'folder')}` : '';
  const more = unsized > 0 ? safe`, and ${counted(unsized, 'file')} of unknown size` : '';
  return joined(
    [
      safe`${counted(
        sum(({ files }) => files),
        'file',
      )}${inFolders}, ${sizeText(sum(({ bytes }) => bytes))}${more}.`,
      renamed > 0 ? safe`Changed, because this disk can't have them: ${counted(renamed, 'name')}.` : undefined,
      links > 0 ? safe`Left out: ${counted(links, 'symbolic link')}.` : undefined,
      unreadable > 0
        ? safe`Can't be read: ${counted(unreadable, 'file or folder', 'files and folders')}. ${safeText(why ?? '', 500)}`
        : undefined,
    ],
    '\n',
  );
}

/** The message after a folder was saved, or as much of it as possible. */
export function savedFolderText(name: string, report: SaveReport): SavedText {
  const { files, bytes, kept, renamed, failed, failures, isCanceled, stopped } = report;
  const written = safe`${counted(files, 'file')} of ${safeText(name)} (${sizeText(bytes)})`;
  const [first] = failures;
  const again = 'To continue, save it again and keep the existing files.';
  const parts = [
    isCanceled ? safe`Canceled. Saved ${written}.` : safe`Saved ${written}.`,
    files > 0 ? safe`Every block was verified by its hash.` : undefined,
    kept > 0 ? safe`Kept ${counted(kept, 'existing file')}.` : undefined,
    renamed > 0 ? safe`Changed ${counted(renamed, 'name')} that this disk can't have.` : undefined,
    stopped !== undefined ? safe`Stopped: ${safeText(stopped, 300)}` : undefined,
    failed > 0 && stopped === undefined
      ? safe`Not saved: ${counted(failed, 'file or folder', 'files and folders')}. ${safeText(first ?? '', 300)}`
      : undefined,
    isCanceled || failed > 0 ? safe`${again}` : undefined,
  ];
  return { text: joined(parts, ' '), isWarning: failed > 0 };
}
