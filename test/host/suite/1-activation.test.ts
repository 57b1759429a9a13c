import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { IpfsKitApi } from '../../../src/api';
import { COMMAND, EXTENSION_ID } from '../../../src/base/contributions';
import { hasBridge, post } from '../bridge';
import { longestBlock } from '../fixtures';

const extension = vscode.extensions.getExtension<IpfsKitApi>(EXTENSION_ID);
assert.ok(extension, 'the extension is installed');

/** The files below the extension's folder that this host has loaded. */
function loadedModules(): string[] {
  const folder = `${extension?.extensionPath ?? ''}/`;
  return Object.keys(require.cache)
    .filter((file) => file.startsWith(folder))
    .map((file) => file.slice(folder.length))
    .sort();
}

interface Mark {
  readonly name: string;
  readonly startTime: number;
}

/** Whole milliseconds between marks that VS Code itself sets. */
function hostMark(what: 'LoadExtensionCode' | 'ActivateExtension'): number | undefined {
  const { MonacoPerformanceMarks: marks } = globalThis as { MonacoPerformanceMarks?: { getMarks(): Mark[] } };
  const at = (when: string): number | undefined =>
    marks?.getMarks().find(({ name }) => name === `code/extHost/${when}${what}/${EXTENSION_ID}`)?.startTime;
  const [will, did] = [at('will'), at('did')];
  return will === undefined || did === undefined ? undefined : did - will;
}

/** A window that has just opened is busy with itself; its figures are not ours. */
async function quietHost(): Promise<void> {
  const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
  await wait(2000);
  for (let tries = 0; tries < 10 && (await longestBlock(() => wait(500))) > 15; tries++);
}

describe('activation', () => {
  before(quietHost);

  it('has not happened before a command or the view wants it', () => assert.equal(extension.isActive, false));

  it('loads one file, and none of Arrow, SQLite or VFS', async () => {
    const api = await extension.activate();
    assert.equal(api.version, 1);
    assert.deepEqual(loadedModules(), ['dist/extension.js']);
    if (hasBridge) await post('figures', [{ loadMs: hostMark('LoadExtensionCode'), activateMs: hostMark('ActivateExtension') }]);
  });

  it('asks nobody anything by itself', () => {
    const { daemon, list } = extension.exports.state();
    assert.equal(daemon.state, 'probing');
    assert.deepEqual(list, { busy: false, shown: 0, view: {} });
  });

  it('loads nothing more in the host, but the few kB of that method, when the probe fails and there is no store', async () => {
    await assert.rejects(extension.exports.listPins(), { reason: 'missing' });
    assert.deepEqual(loadedModules(), ['dist/extension.js', 'dist/listPins.js']);
  });

  it('registers every command of the manifest', async () => {
    const registered = new Set(await vscode.commands.getCommands(true));
    for (const command of Object.values(COMMAND)) assert.ok(registered.has(command), command);
  });
});
