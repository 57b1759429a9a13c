import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { COMMAND } from '../../../src/base/contributions';
import type { TestDaemon } from '../../support/testDaemon';
import { writeDatabase } from '../../support/python';
import { startTestDaemon } from '../../support/testDaemon';
import { hasBridge, post, waitForView } from '../bridge';
import { api, emptyDataFolder, setDaemon } from '../fixtures';

const list = (): Thenable<unknown> => vscode.commands.executeCommand(COMMAND.listPins);

describe('List Pins without a daemon', () => {
  before(async () => {
    writeDatabase(emptyDataFolder(), 1234);
    await setDaemon();
  });

  it('shows the database of Python, and says where the rows come from', async () => {
    await list();
    const { daemon, list: shown } = (await api()).state();
    assert.equal(daemon.state, 'absent');
    assert.deepEqual(
      { ...shown, location: undefined },
      {
        busy: false,
        source: 'sqlite',
        location: undefined,
        freshness: 'snapshot',
        shown: 200,
        matching: 1234,
        total: 1234,
        view: {},
      },
    );
    if (!hasBridge) return;
    const view = await waitForView(
      'the rows',
      ({ rows, busy, status, message }) => rows.length > 5 && !busy && status.includes('1,234') && message.startsWith('1,234'),
    );
    assert.match(view.message, /^1,234 pins · SQLite, \d\d:\d\d · daemon stopped$/);
    assert.match(view.status, /^1,234$/);
  });

  it('adds 500 rows, and 500 more, and never shows more than 900', async () => {
    await vscode.commands.executeCommand(COMMAND.showMore);
    assert.equal((await api()).state().list.shown, 700);
    await vscode.commands.executeCommand(COMMAND.showMore);
    await vscode.commands.executeCommand(COMMAND.showMore);
    assert.equal((await api()).state().list.shown, 900);
  });

  it('keeps as many rows over a refresh', async () => {
    await vscode.commands.executeCommand(COMMAND.refreshPins);
    assert.equal((await api()).state().list.shown, 900);
  });

  it('answers the API with filter, sort, group and pages', async () => {
    const { listPins } = await api();
    const all = await listPins({ limit: 2000 });
    assert.equal(all.pins.length, 1234);
    const named = await listPins({ filter: 'READme', sort: '-name', limit: 3 });
    assert.ok(named.total > 3 && named.pins.every(({ name }) => name?.startsWith('readme') === true));
    const grouped = await listPins({ group: 'type', limit: 0 });
    assert.deepEqual(
      grouped.groups?.map(({ key }) => key),
      ['direct', 'indirect', 'recursive'],
    );
    assert.equal(
      grouped.groups.reduce((sum, { count }) => sum + count, 0),
      1234,
    );
    await assert.rejects(listPins({ limit: -1 }), { reason: 'invalid-argument' });
    await assert.rejects(listPins({ source: 'nobody' }), { reason: 'invalid-argument', message: /Use one of ipfs_kit_py/ });
  });

  it('copies diagnostics without a single CID', async () => {
    await vscode.commands.executeCommand(COMMAND.copyDiagnostics);
    const text = await vscode.env.clipboard.readText();
    const { pins } = await (await api()).listPins({ limit: 50 });
    assert.match(text, /Daemon: absent[\s\S]*ipfs_kit_py: sqlite, snapshot/);
    for (const { cid, name } of pins) assert.ok(!text.includes(cid) && !(name !== undefined && text.includes(name)));
  });
});

describe('List Pins with a daemon', () => {
  let daemon: TestDaemon;
  before(async function () {
    this.timeout(90_000);
    daemon = await startTestDaemon(['--pins', '777', '--batches', '3']);
    await setDaemon(daemon.url);
  });
  after(async () => {
    await setDaemon();
    await daemon.stop();
  });

  it('shows its pins live, over Arrow, asking /health and the index once', async () => {
    await list();
    const { list: shown, daemon: state } = (await api()).state();
    assert.equal(state.state, 'starting');
    assert.deepEqual([shown.source, shown.freshness, shown.total], ['arrow', 'live', 777]);
    const asked = (await daemon.requests()).filter((request) => request === 'GET /pin-index-arrow');
    assert.ok(asked.length >= 1);
    if (!hasBridge) return;
    await waitForView('the live rows', (view) => !view.busy && view.message === '777 pins · live' && view.status === '777');
  });

  it('takes its JSON list where it has no Arrow route', async () => {
    await daemon.setFault('arrow', '404');
    await list();
    const { list: shown } = (await api()).state();
    assert.deepEqual([shown.source, shown.freshness, shown.total], ['json', 'live', 777]);
    await daemon.setFault('arrow', null);
  });

  it('gives the same pins by Arrow and by JSON', async () => {
    const { listPins } = await api();
    const arrow = await listPins({ daemonUrls: [daemon.url], limit: 1000 });
    await daemon.setFault('arrow', '404');
    const json = await listPins({ daemonUrls: [daemon.url], limit: 1000 });
    await daemon.setFault('arrow', null);
    assert.deepEqual([arrow.source, json.source], ['arrow', 'json']);
    assert.deepEqual(arrow.pins, json.pins);
  });

  it('switches to the disk when the daemon exits, and back when it runs again', async function () {
    this.timeout(60_000);
    if (!hasBridge) return;
    const port = Number(new URL(daemon.url).port);
    await list();
    await daemon.stop();
    await waitForView('the disk', ({ message }) => /SQLite.*daemon stopped/.test(message), 25_000);
    daemon = await startTestDaemon(['--pins', '555'], port);
    await vscode.commands.executeCommand(COMMAND.refreshPins);
    await waitForView('the live rows', ({ message }) => message === '555 pins · live');
  });
});

describe('List Pins with nothing there', () => {
  before(async () => {
    emptyDataFolder();
    await setDaemon();
  });

  it('shows the next steps, and no row', async () => {
    await list();
    assert.equal((await api()).state().list.error?.reason, 'missing');
    if (!hasBridge) return;
    // The rows and the welcome text are read one after the other, so they may be of two states for a moment.
    await waitForView(
      'only the welcome text',
      ({ welcome, rows, busy }) => welcome.includes('No IPFS node found') && rows.length === 0 && !busy,
    );
  });

  it('shows the sample, labeled as such, when the settings request it', async () => {
    if (hasBridge) await post('welcome', ['Try with Sample Pins']);
    else await vscode.commands.executeCommand(COMMAND.showSamplePins);
    if (hasBridge)
      await waitForView('the sample', ({ message, rows }) => message.startsWith('12 pins · sample') && rows.length === 12);
    assert.equal((await api()).state().list.freshness, 'sample');
  });
});
