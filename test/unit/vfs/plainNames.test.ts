import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { safeText } from '../../../src/base/safeText';
import { isPlainName, plainName } from '../../../src/vfs/plainNames';

describe('the name of a file in a URI', () => {
  it('stays as it is where nothing draws it, in any language', () => {
    for (const name of ['readme.md', 'Ünïcode 日本語.txt', 'a (1).pdf', 'b [x].png', 'c_-~!@#%^&=+,;.txt', '.vscode', ''])
      assert.equal(plainName(name), name);
  });

  it("isn't a link, icon, HTML or Markdown, and has no invisible character", () => {
    for (const name of ['[a](command:b)', '$(bug)', '<b>', '<command:x>', 'a\u202eb', 'a\nb', '[a][b]', 'a\u200bb', '\ud800'])
      assert.deepEqual([isPlainName(name), isPlainName(plainName(name))], [false, true], JSON.stringify(name));
  });

  it('is plain for any input', () =>
    fc.assert(
      fc.property(fc.string({ unit: fc.oneof(fc.constantFrom('[', ']', '(', ')', '$', '<', 'a', ':', '\u200b'), fc.string()) }), (name) => {
        const plain = plainName(name);
        return safeText(plain, 8192) === plain && plainName(plain) === plain && (isPlainName(name) ? plain === name : true);
      }),
    )); // prettier-ignore
});
