import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { callingExtensions, stackHere } from '../../../src/reaper/callingExtensions';
import { testFolder } from '../../support/folder';
import { needs, POSIX } from '../../support/needs';

type Call = <T>(inner: () => T) => T;
const folder = testFolder('calling-extensions');
const load = createRequire(path.join(folder, 'here.js'));

/** An extension whose only export calls its argument. */
function extension(
  name: string,
  source = 'module.exports = (inner) => inner();',
): { id: string; extensionPath: string; call: Call } {
  const extensionPath = path.join(folder, name);
  mkdirSync(path.join(extensionPath, 'dist'), { recursive: true });
  const file = path.join(extensionPath, 'dist', 'main.js');
  writeFileSync(file, source);
  return { id: name, extensionPath, call: load(file) as Call };
}

const one = extension('one.one-1.0.0');
const two = extension('two.two-1.0.0');
const likeOne = extension('one.one-1.0.0-beta');
const elsewhere = { id: 'web.web', extensionPath: '' };
const gone = { id: 'gone.gone', extensionPath: path.join(folder, 'gone') };
const all = [two, one, likeOne, elsewhere, gone];

const ids = (stack: string, installed: readonly { id: string; extensionPath: string }[] = all): string[] =>
  callingExtensions(stack, installed).map(({ id }) => id);

describe('the extension that calls', () => {
  it('is the one whose file is on the stack', () => {
    assert.deepEqual(ids(one.call(stackHere)), [one.id]);
    assert.deepEqual(ids(likeOne.call(stackHere)), [likeOne.id]);
  });

  it('is named with all that led it to call, the nearest first', () => {
    assert.deepEqual(ids(two.call(() => one.call(stackHere))), [one.id, two.id]);
    assert.deepEqual(ids(one.call(() => two.call(() => one.call(stackHere)))), [one.id, two.id]);
  });

  it('is found however far down it is', () => {
    const deep = (depth: number): string => (depth === 0 ? stackHere() : deep(depth - 1));
    const { stackTraceLimit } = Error;
    assert.deepEqual(ids(one.call(() => deep(500))), [one.id]);
    assert.equal(Error.stackTraceLimit, stackTraceLimit);
  });

  it("isn't visible after a timer, or on an invalid stack", async () => {
    const stack = await one.call(() => new Promise<string>((resolve) => setTimeout(() => resolve(stackHere()), 1)));
    assert.deepEqual(ids(stack), []);
    assert.deepEqual(ids(''), []);
  });

  it('is known by where its folder really is, and by the URL of a module', needs(POSIX), () => {
    const link = path.join(folder, 'link');
    symlinkSync(one.extensionPath, link);
    assert.deepEqual(ids(one.call(stackHere), [{ id: 'linked', extensionPath: link }]), ['linked']);
    const module = pathToFileURL(path.join(two.extensionPath, 'dist', 'main.mjs')).href;
    assert.deepEqual(ids(`Error\n    at stop (${module}:1:20)`), [two.id]);
  });

  it('cannot hide behind another by the name of a function', () => {
    const named = `Object.defineProperty((inner) => inner(), 'name', { value: 'stop (${one.extensionPath}/dist/main.js:1:1)' })`;
    const liar = extension('liar.liar', `const call = ${named};\nmodule.exports = (inner) => call(inner);`);
    assert.ok(ids(liar.call(stackHere), [...all, liar]).includes(liar.id));
  });
});
