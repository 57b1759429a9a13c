import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { documentText, inMarkdown, joined, safe, safeLines, safeName, safeText } from '../../../src/base/safeText';

/** How VS Code finds links (src/vs/base/common/linkedText.ts) and icons (src/vs/base/common/iconLabels.ts), here without its lists of schemes and names. */
const LINK = /\[[^\]]+\]\([^)\s]+(?: (["']).+?\1)?\)/;
const ICON = /\$\([A-Za-z0-9-]+(?:~[A-Za-z]+)?\)/;

interface Markdown {
  validateLink: (address: string) => boolean;
  parse(
    text: string,
    environment: object,
  ): readonly { readonly type: string; readonly children: readonly { readonly type: string }[] | null }[];
}
/** The Markdown library of @vscode/vsce, with links, images and HTML enabled. */
const markdownIt = createRequire(`${process.cwd()}/`)('markdown-it') as (options: object) => Markdown;
const markdown = markdownIt({ html: true, linkify: false });
markdown.validateLink = () => true; // Links to `command:` are allowed, as VS Code does where commands are enabled.

/** Pieces of markup, so that a random text combines them. */
const piece = fc.constantFrom(
  ...[
    '[',
    ']',
    '(',
    ')',
    '<',
    '>',
    '!',
    ':',
    '$',
    '$(',
    '](',
    '][',
    ']: ',
    '\\',
    '"',
    ' ',
    '\n',
    '\n\n',
    '\u2060',
    '\u202e',
    '\ud800',
    '😀',
  ],
  ...[
    'a',
    'bug',
    'sync~spin',
    'command:x',
    'https://e.com',
    '/',
    '&lt;',
    '<U+202E>',
    '<a href="command:x">',
    '<!--',
    '…',
    '`',
    '*',
    '\u0000',
    '\u2028',
  ],
);
const hostile = fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join(''));
const anything = fc.string({
  unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)),
  maxLength: 400,
});
const text = fc.oneof(hostile, anything);

function assertHarmless(shown: string): void {
  assert.doesNotMatch(shown, LINK);
  assert.doesNotMatch(shown, ICON);
  const drawn = markdown.parse(shown, {}).flatMap(({ type, children }) => [type, ...(children ?? []).map((child) => child.type)]);
  const alive = drawn.filter((type) => /link|image|html/.test(type));
  assert.deepEqual(alive, [], JSON.stringify(shown));
}

describe('text from outside, in a label', () => {
  it('shows control characters and stays on one line', () =>
    assert.equal(safeText('a\nb\tc\u0000\u007f\u0085'), 'a␊b␉c␀␡<U+0085>'));

  it('shows characters that reorder or hide', () => {
    assert.equal(safeText('exe.\u202egnp'), 'exe.<U+202E>gnp');
    assert.equal(safeText('a\u200bb\ufeff\u2066'), 'a<U+200B>b<U+FEFF><U+2066>');
  });

  it('shows blank letters, and all characters without width', () => {
    for (const code of [0xad, 0x34f, 0x115f, 0x1160, 0x180e, 0x206a, 0x3164, 0xffa0, 0xfff9, 0x1d173, 0xe0001, 0xe0100])
      assert.equal(safeText(`a${String.fromCodePoint(code)}`), `a<U+${code.toString(16).toUpperCase().padStart(4, '0')}>`);
  });

  it('gives a name in which nothing would be seen a text', () =>
    assert.deepEqual(
      ['', ' \u00a0\u2003', '\u2800', '\u200b', ' a '].map((name) => safeName(name)),
      ['(no name)', '(no name)', '(no name)', '<U+200B>', ' a '],
    ));

  it('draws no icons', () => assert.equal(safeText('$(trash) gone $(x)').includes('$('), false));

  it("isn't a link, whose command a notification would run", () => {
    const label = safeText('[Finish](command:workbench.action.quit) [more](https://example.com "x") a[1](2)');
    assert.doesNotMatch(label, /\]\(/);
    assert.equal(label.replaceAll('\u2060', '').length, label.length - 3);
  });

  it('keeps characters that nothing draws, and the rest can be copied', () => {
    for (const text of [
      'a (b) [c] d',
      '$HOME/x',
      'http://[::1]:8774/',
      '{"a": [1]}',
      'http://127.0.0.1:8774/pins',
      '5 < 6 > 4',
      'x[1] = y',
    ])
      assert.equal(safeText(text), text);
    assert.equal(safeText('echo $(date)').replaceAll('\u2060', ''), 'echo $(date)');
  });

  it('is cut to 200 characters, never through a pair or a number', () => {
    assert.equal(safeText('x'.repeat(100_000)).length, 200);
    assert.equal(safeText('\u202e'.repeat(100_000), 20), '<U+202E><U+202E>…');
    assert.ok(safeText(`x${'😀'.repeat(200)}`).endsWith('😀…'));
  });

  it('keeps letters of every script, and emoji', () => {
    for (const text of ['Привет', '日本語', 'مرحبا', 'naïve café', '😀', '👩🏽', '❤️']) assert.equal(safeText(text), text);
  });

  it('contains no control, bidi or lone surrogate character, for any input', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)), maxLength: 400 }),
        (text) => {
          const line = safeText(text);
          assert.doesNotMatch(line, /[\p{Cc}\u202a-\u202e\u2066-\u2069\u200b-\u200f]/u);
          assert.equal(Buffer.from(line, 'utf8').toString('utf8'), line);
        },
      ),
    );
  });

  it("isn't a link, icon, picture or HTML, for VS Code or in Markdown, by itself or after our own text", () => {
    fc.assert(
      fc.property(text, text, (one, other) => {
        assertHarmless(safeText(one));
        assertHarmless(safe`Saved ${one}.`);
        assertHarmless(safe`${one}${other}`);
        assertHarmless(safe`[x]${one}(${other})`);
        assertHarmless(safe`${one}: ${other}`);
        assertHarmless(joined([safeText(one), safeText(other)], '\n'));
      }),
      { numRuns: 2000 },
    );
  });

  it('would be one of these without it: the pieces are those', () => {
    const isLive = (shown: string): boolean => {
      try {
        assertHarmless(shown);
        return false;
      } catch {
        return true;
      }
    };
    for (const shown of [
      '[a](command:x)',
      '[a](https://e.com "b")',
      '$(bug)',
      '$(sync~spin)',
      '<command:x>',
      '<b>',
      '[a][b]\n\n[b]: command:x',
      '![a](b)',
    ])
      assert.ok(isLive(shown), shown);
  });

  it('has at most as many characters as are wanted, and stays as it is when it is made safe again', () => {
    fc.assert(
      fc.property(text, fc.integer({ min: 2, max: 60 }), (given, max) => {
        const once = safeText(given, max);
        assert.ok(once.length <= max, `${once.length} of ${max}`);
        assert.equal(safeText(once, max), once);
        assert.equal(safe`${once}`, once);
      }),
      { numRuns: 2000 },
    );
  });

  it('is one line, for every kind of line break', () => {
    fc.assert(fc.property(text, (given) => assert.doesNotMatch(safeText(given), /[\p{Cc}\u2028\u2029]/u)));
  });
});

describe('a text of ours with parts of others', () => {
  it('keeps what is ours as it is written', () =>
    assert.equal(
      safe`$(check) [Show](command:ours)\n${'[Show](command:theirs)\n'}${5}`,
      '$(check) [Show](command:ours)\n[Show]\u2060(command:theirs)␊5',
    ));

  it('leaves out missing parts', () => assert.equal(joined(['a', undefined, safeText('b')], ' · '), 'a · b'));

  it('has as many lines as the text, each safe', () => assert.deepEqual(safeLines('a\n$(b)\u202e'), ['a', '$\u2060(b)<U+202E>']));

  it('joins no text that is not safe', () => {
    const other = ['x'].join('');
    // @ts-expect-error -- any text: only words that are written out, and safe texts
    assert.equal(joined(['a', other], ' '), 'a x');
    // @ts-expect-error -- the text of a document is as it was written
    assert.equal(joined(['a', documentText(other)], ' '), 'a x');
  });

  it('makes neither bare addresses links nor entities characters in Markdown, and shows the same text', () => {
    for (const text of ['https://a.b', 'FTP://a', 'xwww.a.b', 'a@b.c', '&lt;', '&#91;x&#93;', '&&amp;amp;', 'www.www.a']) {
      const shown = inMarkdown(safeText(text));
      assert.doesNotMatch(shown, /(?:ftp|https?):\/\/|www\.[a-z\d-]|[\w.]@[\w-]|&[#\w]/i);
      assert.equal(shown.replaceAll('\u2060', ''), text);
    }
  });
});
