import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { planText, savedFolderText } from '../../../../src/vfs/editor/savedText';

const amount = (files: number, bytes: number, folders = 0, unsized = 0): { files: number; folders: number; bytes: number; unsized: number } => ({
  ...{ files, folders, bytes, unsized },
}); // prettier-ignore
const nothing = { plain: amount(0, 0), obeyed: { ...amount(0, 0), named: [] }, links: 0, renamed: 0, unreadable: 0 };
const saved = { files: 40, bytes: 2048, kept: 0, renamed: 0, failed: 0, failures: [], isCanceled: false };

describe('what is said about saving a folder', () => {
  it('is how much it is before, and what is missing', () => {
    assert.equal(planText({ ...nothing, plain: amount(1, 5) }, false), '1 file, 5 B.');
    const plan = {
      ...{ plain: amount(1200, 3072, 3, 2), obeyed: { ...amount(5, 1024, 1), named: [] } },
      ...{ links: 1, renamed: 2, unreadable: 1, why: 'No [source](command:x) has it.' },
    };
    assert.equal(
      planText(plan, false),
      "1,200 files in 3 folders, 3.0 KB, and 2 files of unknown size.\nChanged, because this disk can't have them: 2 names.\nLeft out: 1 symbolic link.\nCan't be read: 1 file or folder. No [source]\u2060(command:x) has it.",
    );
    assert.match(planText(plan, true), /^1,205 files in 4 folders, 4.0 KB/);
  });

  it('is what was written after, what was not, and how to continue', () => {
    assert.deepEqual(savedFolderText('site', saved), {
      text: 'Saved 40 files of site (2.0 KB). Every block was verified by its hash.',
      isWarning: false,
    });
    const { text, isWarning } = savedFolderText('site', {
      ...saved,
      kept: 2,
      renamed: 1,
      failed: 3,
      failures: ['a/b: Block x was not found.'],
    });
    assert.match(
      text,
      /Kept 2 existing files\. Changed 1 name that this disk can't have\. Not saved: 3 files and folders\. a\/b: Block x was not found\. To continue, save it again/,
    );
    assert.ok(isWarning);
    assert.match(
      savedFolderText('site', { ...saved, isCanceled: true }).text,
      /^Canceled\. Saved 40 files.*keep the existing files\.$/,
    );
    assert.match(
      savedFolderText('site', { ...saved, failed: 1, failures: ['a: full'], stopped: 'The disk is full.' }).text,
      /Stopped: The disk is full\. To continue/,
    );
  });
});
