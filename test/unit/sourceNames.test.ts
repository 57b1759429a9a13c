import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import ts from 'typescript';
import { SOURCE_KINDS } from '../../src/pinSource/sourceKinds';

const SRC = path.join(process.cwd(), 'src');
/** Rooms with code of one source, and the command line, whose options name sources. */
const OWN = /^(?:pinSource|daemonClient|pinWorker|cli)\//;
const IDS = SOURCE_KINDS.map(({ id }) => id);

/** Places of a file that compare with the ID of a source or search for it: `=== 'kubo'`, `case`, `includes('kubo')`. */
function namedIn(file: string, text: string): readonly string[] {
  const found: string[] = [];
  const isId = (node: ts.Node): boolean =>
    ts.isStringLiteralLike(node)
      ? IDS.includes(node.text) || node.text.startsWith('service:')
      : ts.isIdentifier(node) && node.text.endsWith('_SOURCE');
  const visit = (node: ts.Node): void => {
    const { parent } = node;
    const isAsked =
      (ts.isBinaryExpression(parent) && /^[!=]==?$/.test(parent.operatorToken.getText())) ||
      ts.isCaseClause(parent) ||
      (ts.isCallExpression(parent) && /\.(?:includes|startsWith|has|indexOf)$/.test(parent.expression.getText()));
    if (isId(node) && isAsked) found.push(`${file}: ${parent.getText()}`);
    ts.forEachChild(node, visit);
  };
  ts.forEachChild(ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true), visit);
  return found;
}

describe('outside of the rooms of sources', () => {
  it('no code asks which source it has', () => {
    const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
      .map((file) => file.replaceAll('\\', '/'))
      .filter((file) => file.endsWith('.ts') && !OWN.test(file));
    assert.ok(files.length > 150);
    assert.deepEqual(
      files.flatMap((file) => namedIn(file, readFileSync(path.join(SRC, file), 'utf8'))),
      [],
    );
  });

  it('such a question is found in each of its forms', () => {
    for (const question of [
      "source.id === 'kubo'",
      "'ipfs_kit_py' !== id",
      "wanted.includes('cluster')",
      "id.startsWith('service:')",
      'source.id === IPFS_KIT_SOURCE',
      "(() => { switch (id) { case 'kubo': } })()",
    ])
      assert.equal(namedIn('x.ts', `const x = ${question};`).length, 1, question);
    assert.deepEqual(namedIn('x.ts', "const SETTING = { kubo: 'kubo' }; nameOf('kubo');"), []);
  });
});
