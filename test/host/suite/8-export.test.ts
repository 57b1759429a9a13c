import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';
import { COMMAND } from '../../../src/base/contributions';
import type { Pin } from '../../../src/pin/pin';
import { writeDatabase } from '../../support/python';
import { hasBridge, post, waitForView } from '../bridge';
import { api, emptyDataFolder } from '../fixtures';

const run = (command: string, ...args: unknown[]): Thenable<unknown> => vscode.commands.executeCommand(command, ...args);
const PINS = 3000;

describe('the pins of the list', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'export-'));

  /** Exports to a file of this name, which is given in the dialog, and returns its path. */
  async function exported(name: string): Promise<string> {
    const file = path.join(folder, name);
    const exporting = run(COMMAND.exportPins);
    await post('saveAs', ['Export Pins', file]);
    await exporting;
    return readFileSync(file, 'utf8');
  }

  before(async () => {
    writeDatabase(emptyDataFolder(), PINS);
    await run(COMMAND.listPins);
  });
  after(async () => {
    await run(COMMAND.clearFilter);
    await run(COMMAND.sortPins, '');
    rmSync(folder, { recursive: true, force: true });
    emptyDataFolder();
  });

  it('are exported as CSV, all of them', async () => {
    const lines = (await exported('all.csv')).trimEnd().split('\r\n');
    assert.equal(lines.length, PINS + 1);
    assert.match(lines[0] ?? '', /^cid,name,type,sizeBytes,pinnedAt/);
  });

  it('are exported as JSON, filtered and sorted as in the view', async () => {
    await run(COMMAND.filterPins, 'readme');
    await run(COMMAND.sortPins, '-time');
    const pins = JSON.parse(await exported('some.json')) as Pin[];
    const { pins: expected, total } = await (await api()).listPins({ filter: 'readme', sort: '-time', limit: 10_000 });
    assert.ok(total > 10 && total < PINS);
    assert.deepEqual(pins, expected);
  });

  it("are shown with all their columns in a document that can't be changed", async () => {
    if (!hasBridge) return;
    await run(COMMAND.clearFilter);
    const { pins } = await (await api()).listPins({ sort: '-time', limit: 10 });
    const label = pins.find(({ name }) => name !== undefined && !name.startsWith('readme'))?.name ?? '';
    await waitForView('all rows', (view) => !view.busy && view.rows.some((row) => row.label === label));
    await post('clickRow', [label]);
    await sleep(300);
    await run(COMMAND.showPinDetails);
    const document = vscode.window.activeTextEditor?.document;
    const text = document?.getText() ?? '';
    assert.match(text, /^Other columns, from ipfs_kit_py \(.*pins\.db\)$/m);
    assert.match(text, /^CID +(?:baf|Qm)\w+$/m);
    assert.deepEqual([document?.languageId, path.posix.basename(document?.uri.path ?? '')], ['ipfs-pin', `Pin: ${label}`]);
    assert.ok(text.startsWith(label), text.slice(0, 100));
    await post('screenshot', ['pin-details']);
    await run('workbench.action.closeActiveEditor');
  });
});
