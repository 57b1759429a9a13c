import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';
import type { IpfsKitApi } from '../../../src/api';
import { COMMAND, EXTENSION_ID } from '../../../src/base/contributions';
import { hasBridge, post } from '../bridge';
import { longestBlock } from '../fixtures';

const extension = vscode.extensions.getExtension<IpfsKitApi>(EXTENSION_ID);
assert.ok(extension, 'the extension is installed');

const dist = path.join(extension.extensionPath, 'dist');

/** A text of each library that minification keeps. */
const MARKS: Readonly<Record<string, string>> = {
  Arrow: 'Unrecognized type',
  SQLite: 'Database closed',
  'multiformats (IPFS)': 'To parse non base32',
  'dag-pb (IPFS)': 'protobuf: ',
  'dag-cbor (IPFS)': 'CBOR decode error',
  'unixfs (IPFS)': 'had too many elements',
};

function loadedBundles(): string[] {
  return Object.keys(require.cache).filter((file) => file.startsWith(dist));
}

/** The libraries in the files of the extension that this host has loaded, however the bundles are cut. */
function loadedLibraries(): string[] {
  const loaded = loadedBundles();
  assert.ok(loaded.length > 0, 'the extension is loaded');
  const shipped = readdirSync(dist).filter((name) => name.endsWith('.js'));
  return Object.entries(MARKS).flatMap(([library, mark]) => {
    const has = (file: string): boolean => readFileSync(file, 'utf8').includes(mark);
    assert.ok(
      shipped.some((name) => has(path.join(dist, name))),
      `"${mark}" tells ${library}`,
    );
    return loaded.filter(has).map((file) => `${library} in ${path.basename(file)}`);
  });
}

interface Mark {
  readonly name: string;
  readonly startTime: number;
}

/** Milliseconds between two performance marks that VS Code sets. */
function hostMark(what: 'LoadExtensionCode' | 'ActivateExtension'): number | undefined {
  const { MonacoPerformanceMarks: marks } = globalThis as { MonacoPerformanceMarks?: { getMarks(): Mark[] } };
  const at = (when: string): number | undefined =>
    marks?.getMarks().find(({ name }) => name === `code/extHost/${when}${what}/${EXTENSION_ID}`)?.startTime;
  const [will, did] = [at('will'), at('did')];
  return will === undefined || did === undefined ? undefined : did - will;
}

/** Waits until the host is idle: what a window does right after it opens would be measured too. */
async function quietHost(): Promise<void> {
  const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
  await wait(2000);
  for (let tries = 0; tries < 10 && (await longestBlock(() => wait(500))) > 15; tries++);
}

describe('activation', () => {
  before(quietHost);

  it("hasn't happened before a command or the view needs it", () => assert.equal(extension.isActive, false));

  it('loads one bundle, and none of Arrow, SQLite and IPFS', async () => {
    const api = await extension.activate();
    assert.equal(api.version, 1);
    assert.deepEqual(loadedBundles(), [path.join(dist, 'extension.js')]);
    assert.deepEqual(loadedLibraries(), []);
    if (hasBridge) await post('figures', [{ loadMs: hostMark('LoadExtensionCode'), activateMs: hostMark('ActivateExtension') }]);
  });

  it('contacts no server by itself', () => {
    const { daemon, list } = extension.exports.state();
    assert.equal(daemon.state, 'probing');
    assert.deepEqual(list, { busy: false, shown: 0, view: {} });
  });

  it('loads none of them in the host when the probe fails and there is no store, and nothing else while nothing is shown', async () => {
    await assert.rejects(extension.exports.listPins(), { reason: 'missing' });
    assert.deepEqual(loadedLibraries(), []);
    assert.deepEqual(loadedBundles(), [path.join(dist, 'extension.js')]);
  });

  it('loads the rows with the first list that is shown', async () => {
    await vscode.commands.executeCommand(COMMAND.listPins);
    assert.ok(loadedBundles().includes(path.join(dist, 'display.js')));
    assert.deepEqual(loadedLibraries(), []);
  });

  it('registers every command of the manifest', async () => {
    const registered = new Set(await vscode.commands.getCommands(true));
    for (const command of Object.values(COMMAND)) assert.ok(registered.has(command), command);
  });
});
