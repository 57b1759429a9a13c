import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { safeLabel, safeLine } from '../../src/safeText';

describe('text from outside, in a label', () => {
  it('shows control characters and stays on one line', () =>
    assert.equal(safeLine('a\nb\tc\u0000\u007f\u0085'), 'a␊b␉c␀␡<U+0085>'));

  it('shows characters that reorder or hide', () => {
    assert.equal(safeLine('exe.\u202egnp'), 'exe.<U+202E>gnp');
    assert.equal(safeLine('a\u200bb\ufeff\u2066'), 'a<U+200B>b<U+FEFF><U+2066>');
  });

  it('shows letters that are blank, and whatever else has no width', () => {
    for (const code of [0xad, 0x34f, 0x115f, 0x1160, 0x180e, 0x206a, 0x3164, 0xffa0, 0xfff9, 0x1d173, 0xe0001, 0xe0100])
      assert.equal(safeLine(`a${String.fromCodePoint(code)}`), `a<U+${code.toString(16).toUpperCase().padStart(4, '0')}>`);
  });

  it('draws no icons', () => assert.equal(safeLabel('$(trash) gone $(x)').includes('$('), false));

  it('is no link: a notification would run the command of one', () => {
    const label = safeLabel('[Finish](command:workbench.action.quit) [more](https://example.com "x") a[1](2)');
    assert.doesNotMatch(label, /\]\(/);
    assert.equal(label.replaceAll('\u2060', '').length, label.length - 3);
  });

  it('is cut to 200 characters, never through a pair', () => {
    assert.equal(safeLine('x'.repeat(100_000)).length, 200);
    assert.ok(safeLine(`x${'😀'.repeat(200)}`).endsWith('😀…'));
  });

  it('keeps letters of every script, and emoji', () => {
    for (const text of ['Привет', '日本語', 'مرحبا', 'naïve café', '😀', '👩🏽', '❤️']) assert.equal(safeLine(text), text);
  });

  it('holds no control, bidi or lone surrogate character, whatever comes in', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)), maxLength: 400 }),
        (text) => {
          const line = safeLine(text);
          assert.doesNotMatch(line, /[\p{Cc}\u202a-\u202e\u2066-\u2069\u200b-\u200f]/u);
          assert.equal(Buffer.from(line, 'utf8').toString('utf8'), line);
        },
      ),
    );
  });
});
