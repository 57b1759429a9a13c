import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { hasObeyedName, isObeyedName, OBEYED_NAMES } from '../../../src/vfs/obeyedNames';

const OBEYED = [
  ...[
    '.vscode',
    '.github',
    '.devcontainer',
    '.devcontainer.json',
    '.mcp.json',
    '.git',
    '.claude',
    '.cursorrules',
    '.theia',
    '.env',
  ],
  ...['evil.code-workspace', 'evil.theia-workspace', 'devcontainer.json', 'mcp.json', 'hooks.json'],
  ...['AGENTS.md', 'AGENT.md', 'CLAUDE.md', 'CLAUDE.local.md', 'GEMINI.md', 'copilot-instructions.md', 'SKILL.md'],
  ...['a.instructions.md', 'a.prompt.md', 'a.agent.md', 'a.chatmode.md', 'a.automation.md', 'a.toolsets.jsonc'],
  ...['tsconfig.json', 'jsconfig.json', 'tsconfig.build.json', 'jsconfig.x.y.json'],
  ...['WARP.md', 'CRUSH.md', 'opencode.json', 'opencode.jsonc', 'mcp-config.json', 'mcp_config.json'],
];
const OTHERS = ['readme.md', 'settings.json', 'tasks.json', 'package.json', 'vscode', 'code-workspace', 'a.b.c', 'notes.txt', 'agents', 'agents.html', 'prompt.md', 'notebook.ipynb', 'index.html', 'größe.md', '写真.jpg', 'a b.txt', 'ratio 1:2.txt']; // prettier-ignore

const FULL_WIDTH = 0xff00 - 0x20;
const IGNORED = ['\u200b', '\u200d', '\u00ad', '\ufeff', '\u2060', '\u034f', '\u{e0041}', '\u0000'];
const MARKS = ['\u0301', '\u0307', '\u0323'];

/** A letter in one of the forms that are considered equal: case, normalization, marks and zero-width characters. */
function written(letter: string, how: number): string {
  const code = letter.codePointAt(0) ?? 0;
  const forms = [
    letter,
    letter.toUpperCase(),
    code > 0x20 && code < 0x7f ? String.fromCodePoint(code + FULL_WIDTH) : letter,
    letter + (IGNORED[how % IGNORED.length] ?? ''),
    /[a-z]/i.test(letter) ? letter + (MARKS[how % MARKS.length] ?? '') : letter,
    { s: 'ſ', i: 'ı', k: '\u212a', '.': '\u2024', m: 'ｍ' }[letter.toLowerCase()] ?? letter,
  ];
  return forms[how % forms.length] ?? letter;
}

describe('a name that an editor acts on', () => {
  it('is known', () => {
    for (const name of OBEYED) assert.ok(isObeyedName(name), name);
    for (const name of OTHERS) assert.ok(!isObeyedName(name), name);
  });

  it('is known however it is written: case, compatibility forms, marks, what has no width, and an end that Windows drops', () =>
    fc.assert(
      fc.property(
        fc.constantFrom(...OBEYED),
        fc.array(fc.nat(1000), { minLength: 40, maxLength: 40 }),
        fc.constantFrom('', '.', ' ', '. .', '\u00a0', '::$DATA', ':stream', '. ::$DATA', '\u200b.', '\t'),
        (name, how, end) => {
          const spelling = Array.from(name, (letter, at) => written(letter, how[at] ?? 0)).join('') + end;
          assert.ok(isObeyedName(spelling), `${name} as ${JSON.stringify(spelling)}`);
        },
      ),
      { numRuns: 3000 },
    ));

  it('is recognized as in VS Code, only by its last letters', () =>
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (before) =>
        assert.ok(isObeyedName(`${before.replaceAll('/', '')}x.code-workspace`)),
      ),
    ));

  it('is known between the backslashes of a name, and in a stream of one', () => {
    for (const name of ['a\\.vscode\\settings.json', 'a.txt:evil.code-workspace', '\\.git', 'a\\AGENTS.md ', ' .vscode'])
      assert.ok(isObeyedName(name), name);
  });

  it('makes a path one: at any depth', () =>
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...OTHERS)), fc.constantFrom(...OBEYED), fc.array(fc.constantFrom(...OTHERS)), (before, name, after) => {
        assert.ok(hasObeyedName([...before, name, ...after]));
        assert.ok(!hasObeyedName([...before, ...after]));
      }),
    )); // prettier-ignore

  it('is checked in less than quadratic time, including blanks and dots', () => {
    for (const unit of ['.', ' ', '. ', '\u00a0', 'agents.a', '\\'])
      assert.equal(typeof isObeyedName(`x${unit.repeat(100_000)}x`), 'boolean');
  });

  it('has a reason', () => {
    for (const { name, why } of OBEYED_NAMES) assert.ok(why.length > 20, String(name));
  });
});
