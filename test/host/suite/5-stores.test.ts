import assert from 'node:assert/strict';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';
import { COMMAND, EXTENSION_ID } from '../../../src/base/contributions';
import { python, writeDatabase } from '../../support/python';
import { repositoryRoot, startTestDaemon, testPython } from '../../support/testDaemon';
import { hasBridge, post, waitForView } from '../bridge';
import { api, DATA_FOLDER, emptyDataFolder, setDaemon, setPython } from '../fixtures';

const list = (): Thenable<unknown> => vscode.commands.executeCommand(COMMAND.listPins);
const databasePath = (): unknown => vscode.workspace.getConfiguration('ipfsKit').inspect('database.path')?.globalValue;

async function setDatabasePath(to: string | undefined): Promise<void> {
  await vscode.workspace.getConfiguration('ipfsKit').update('database.path', to, vscode.ConfigurationTarget.Global);
}

/** Waits until the list satisfies `wanted`, without requesting a refresh. */
async function listed(
  what: string,
  wanted: (list: { total?: number; source?: string; freshness?: string }) => boolean,
): Promise<void> {
  for (const end = Date.now() + 20_000; Date.now() < end; await sleep(50)) if (wanted((await api()).state().list)) return;
  assert.fail(`The list did not show ${what}: ${JSON.stringify((await api()).state().list)}`);
}

/**
 * Runs a command that offers choices, and takes one of them; again where the choices were closed first, since a busy workbench may have given the focus to the
 * list by then. `shot`: the name of a screenshot of the choices.
 */
async function choose(command: string, label: string, shot?: string): Promise<void> {
  for (let left = 3; ; left--) {
    const state = { isOpen: true };
    const choosing = vscode.commands.executeCommand(command).then(() => (state.isOpen = false));
    try {
      if (shot !== undefined) {
        await sleep(1000);
        await post('screenshot', [shot]);
      }
      await post('pick', [label]);
      await choosing;
      return;
    } catch (error) {
      if (state.isOpen || left === 1) throw error;
    }
  }
}

/** The bytes of the history of all sources. */
function historyBytes(): number {
  const folder = path.join(process.env['IPFS_KIT_TEST_STORAGE'] ?? '', EXTENSION_ID, 'history');
  if (!existsSync(folder)) return 0;
  const sizes = readdirSync(folder).map((name) => statSync(path.join(folder, name), { throwIfNoEntry: false })?.size ?? 0);
  return sizes.reduce((sum, size) => sum + size, 0);
}

const SQL = 'import os, sqlite3, sys; db = sqlite3.connect(sys.argv[1], isolation_level=None)';
const fixture = (name: string): string => path.join(repositoryRoot(), 'test/fixtures', name);

describe('stores of every kind', () => {
  before(async () => {
    await setDaemon();
    await setPython(testPython());
  });
  after(async () => {
    await setPython(undefined);
    emptyDataFolder();
  });

  it('a write-ahead log that was left behind is read with the database, and nothing is written', async () => {
    const file = emptyDataFolder();
    python(
      `${SQL}; db.execute("pragma journal_mode=wal"); db.execute("create table pins(cid, name)"); db.execute("insert into pins values ('bafyonlyinthelog', 'x')"); os._exit(0)`,
      file,
    );
    const before = [readFileSync(file), readFileSync(`${file}-wal`)];
    await list();
    assert.equal((await api()).state().list.total, 1);
    assert.deepEqual([readFileSync(file), readFileSync(`${file}-wal`)], before);
  });

  it('a transaction whose writer died is left out', async () => {
    const file = emptyDataFolder();
    writeDatabase(file, 2000);
    python(
      `${SQL}; db.execute("pragma cache_size=1"); db.execute("begin"); db.execute("update pins set name = 'uncommitted'"); os._exit(0)`,
      file,
    );
    assert.ok(existsSync(`${file}-journal`));
    await list();
    assert.equal((await api()).state().list.total, 2000);
    assert.equal((await (await api()).listPins({ filter: 'uncommitted' })).total, 0);
  });

  it('DuckDB is read through Python, or Parquet where Python is disabled, with a note about what was skipped', async () => {
    emptyDataFolder();
    const duckdb = path.join(DATA_FOLDER, 'pin_metadata', 'pin_metadata.duckdb');
    python(
      'import gzip, sys; open(sys.argv[2], "wb").write(gzip.open(sys.argv[1]).read())',
      fixture('duckdb/pins-v999.duckdb.gz'),
      duckdb,
    );
    const parquet = path.join(DATA_FOLDER, 'pin_metadata', 'parquet_storage', 'pins.parquet');
    mkdirSync(path.dirname(parquet));
    copyFileSync(fixture('parquet/pins-19col-pandas.parquet'), parquet);
    const hourAgo = Date.now() / 1000 - 3600;
    utimesSync(parquet, hourAgo, hourAgo);
    await list();
    assert.deepEqual(pick((await api()).state().list), ['duckdb', 5]);
    await setPython('');
    await listed('the Parquet file', ({ source }) => source === 'parquet');
    assert.deepEqual(pick((await api()).state().list), ['parquet', 3]);
    if (hasBridge)
      await waitForView('what was passed over', ({ message }) =>
        /Not the newest: .*ipfsKit\.python\.path is empty/.test(message),
      );
    rmSync(parquet);
    await listed('no list', ({ source }) => source === undefined);
    if (hasBridge)
      await waitForView('the welcome text', ({ welcome }) => welcome.includes('the command that installs what is missing'));
    await setPython(testPython());
  });

  const pick = ({ source, total }: { source?: string; total?: number }): unknown[] => [source, total];

  it('the last live list is shown, labeled as such, when the daemon has exited and there is no database', async function () {
    this.timeout(90_000);
    emptyDataFolder();
    const daemon = await startTestDaemon(['--pins', '40', '--no-database']);
    try {
      await setDaemon(daemon.url);
      await list();
      assert.equal((await api()).state().list.freshness, 'live');
      await sleep(1000); // The list is saved a moment after it is shown.
    } finally {
      await daemon.stop();
    }
    await list();
    const { freshness, total } = (await api()).state().list;
    assert.deepEqual([freshness, total], ['kept', 40]);
    if (hasBridge)
      await waitForView('where it is from', ({ message }) =>
        /^40 pins · last live list, \d\d:\d\d · daemon stopped\. There is no pin database(?!.*Start the)/.test(message),
      );
    await setDaemon();
  });
});

/** These tests need a visible view and clicks, which desktop VS Code doesn't have. */
if (hasBridge) {
  describe('a list from disk', () => {
    let file: string;
    before(async () => {
      await setDaemon();
      file = emptyDataFolder();
      writeDatabase(file, 900);
      await list();
    });

    const insert = (cid: string): unknown =>
      python(`${SQL}; db.execute("insert into pins (cid, name) values ('${cid}', 'new')")`, file);

    it('is refreshed automatically when its database changes, with as many rows', async () => {
      await vscode.commands.executeCommand(COMMAND.showMore);
      assert.equal((await api()).state().list.shown, 700);
      insert('bafyfirst');
      await listed('the new pin', ({ total }) => total === 901);
      assert.equal((await api()).state().list.shown, 700);
    });

    it('comes back automatically after its folder was deleted and restored', async () => {
      rmSync(DATA_FOLDER, { recursive: true });
      await listed('that nothing was found', ({ source }) => source === undefined);
      emptyDataFolder();
      writeDatabase(file, 12);
      await listed('the new database', ({ total }) => total === 12);
    });
  });

  describe('Create Empty Pin Database', () => {
    before(() => setDaemon());
    after(() => emptyDataFolder());

    it('asks, creates an empty database if there is none, and lists it', async () => {
      rmSync(DATA_FOLDER, { recursive: true, force: true });
      await list();
      await waitForView('the welcome text', ({ welcome }) => welcome.includes('No IPFS node found'));
      const made = path.join(DATA_FOLDER, 'pin_metadata', 'pins.db');
      const refused = vscode.commands.executeCommand(COMMAND.initialisePinDatabase);
      await post('dialog', ['Cancel']);
      await refused;
      assert.ok(!existsSync(DATA_FOLDER));
      const created = vscode.commands.executeCommand(COMMAND.initialisePinDatabase);
      await sleep(500);
      await post('screenshot', ['initialise-question']);
      await post('dialog', ['Create']);
      await created;
      assert.equal(python(`${SQL}; print(db.execute("select count(*) from pins").fetchone()[0])`, made).trim(), '0');
      await waitForView('that there are no pins', ({ welcome, busy }) => welcome.includes('Nothing pinned yet') && !busy);
    });

    it('refuses where there is a database already', async () => {
      const file = emptyDataFolder();
      writeFileSync(file, 'not empty');
      await vscode.commands.executeCommand(COMMAND.initialisePinDatabase);
      await post('awaitToast', ['already exists']);
      assert.equal(statSync(file).size, 9);
      await vscode.commands.executeCommand('notifications.clearAll');
    });
  });

  describe('Choose Pin Database', () => {
    before(async () => {
      await setDaemon();
      const file = emptyDataFolder();
      writeDatabase(file, 30);
      copyFileSync(fixture('parquet/pins-19col-pandas.parquet'), path.join(path.dirname(file), 'older.parquet'));
      const dayAgo = Date.now() / 1000 - 86_400;
      utimesSync(path.join(path.dirname(file), 'older.parquet'), dayAgo, dayAgo);
      await list();
    });
    after(async () => {
      await setDatabasePath(undefined);
      emptyDataFolder();
    });

    it('lists what was found, with shape, rows and age, and takes the chosen one', async () => {
      await choose(COMMAND.choosePinDatabase, 'older.parquet', 'choose-database');
      assert.equal(databasePath(), '~/.ipfs_kit/pin_metadata/older.parquet');
      await listed('the chosen database', ({ source, total }) => source === 'parquet' && total === 3);
    });

    it('goes back to the newest', async () => {
      await choose(COMMAND.choosePinDatabase, 'Newest data');
      assert.equal(databasePath(), undefined);
      await listed('the newest', ({ source, total }) => source === 'sqlite' && total === 30);
    });
  });
}

if (hasBridge) {
  describe('the history of a source', () => {
    const setHistory = (isOn: boolean | undefined): Thenable<void> =>
      vscode.workspace.getConfiguration('ipfsKit').update('history', isOn, vscode.ConfigurationTarget.Global);
    const shownText = (): string => vscode.window.activeTextEditor?.document.getText() ?? '';
    const count = async (file: string, pins: number): Promise<void> => {
      writeDatabase(file, pins);
      await list();
      await listed(`${pins} pins`, ({ total }) => total === pins);
    };
    /** Waits for a list to be kept: the folder has other bytes then. */
    const kept = async (file: string, pins: number): Promise<void> => {
      const before = historyBytes();
      await count(file, pins);
      for (const end = Date.now() + 30_000; historyBytes() === before; await sleep(100))
        assert.ok(Date.now() < end, 'The list was not kept.');
    };
    before(async () => {
      await setDaemon();
      await setHistory(true);
    });
    after(async () => {
      await setHistory(false);
      emptyDataFolder();
      await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    });

    it('warns once that pins are gone which were not removed here, and shows which', async () => {
      const file = emptyDataFolder();
      await kept(file, 12);
      emptyDataFolder();
      await kept(file, 9);
      await post('awaitToast', ['3 pins have gone from ipfs_kit_py since']);
      await post('screenshot', ['history-lost']);
      await post('toast', ['3 pins have gone from ipfs_kit_py since', 'Show']);
      for (const end = Date.now() + 10_000; !shownText().includes('Gone: 3'); await sleep(50))
        assert.ok(Date.now() < end, shownText());
      await post('screenshot', ['history-document']);
      assert.match(shownText(), /^ipfs_kit_py, .*\nCompared with the list of .*\n\nGone: 3\n( {2}\S+ .*\n){3}\n$/);
      await list();
      await sleep(3000); // longer than until the list is kept
      const toasts = (await post('toasts', [])) as readonly { readonly text: string }[];
      assert.deepEqual(
        toasts.filter(({ text }) => text.includes('gone from')),
        [],
      );
    });

    it('asks for a day, and says what has changed since then', async () => {
      await vscode.commands.executeCommand('workbench.action.closeAllEditors');
      await choose(COMMAND.showChanges, 'Earlier today', 'history-days');
      assert.match(shownText(), /\n\nGone: 3\n/);
    });
  });
}
