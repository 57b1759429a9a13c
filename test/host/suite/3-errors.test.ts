import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import * as vscode from 'vscode';
import { COMMAND, VIEW } from '../../../src/base/contributions';
import type { TestDaemon } from '../../support/testDaemon';
import { python, writeDatabase } from '../../support/python';
import { addSuperJournal } from '../../support/superJournal';
import { startTestDaemon, testPython } from '../../support/testDaemon';
import { hasBridge, post, waitForView } from '../bridge';
import { api, DATA_FOLDER, emptyDataFolder, longestBlock, setDaemon, setPython } from '../fixtures';

const list = (): Thenable<unknown> => vscode.commands.executeCommand(COMMAND.refreshPins);

/** Lists three times at most. One try without long blocks proves that the host's thread is free, since a busy machine causes blocks too. */
async function listWithoutBlocking(): Promise<void> {
  let shortest = Infinity;
  for (let attempt = 0; attempt < 3 && shortest >= 50; attempt++)
    shortest = Math.min(shortest, await longestBlock(async () => list()));
  assert.ok(shortest < 50, `the host's thread was blocked for ${shortest.toFixed(0)} ms`);
}

const BROKEN: [string, string, (file: string) => void][] = [
  ['an empty file', 'empty', (file) => writeFileSync(file, '')],
  ['text', 'not-a-database', (file) => writeFileSync(file, 'updated=1753600000.123456\n')],
  [
    'a DuckDB database that is damaged',
    'corrupt',
    (file) => writeFileSync(file, Buffer.concat([Buffer.alloc(8, 7), Buffer.from('DUCK'), Buffer.alloc(5000)])),
  ],
  ['a Parquet file that is damaged', 'corrupt', (file) => writeFileSync(file, Buffer.from(`PAR1${'x'.repeat(100)}PAR1`))],
  ['a FIFO', 'not-a-file', (file) => assert.equal(spawnSync('mkfifo', [file]).status, 0)],
  [
    'a database without pins',
    'no-pins-table',
    (file) => python('import sqlite3, sys; sqlite3.connect(sys.argv[1]).execute("create table other(x)")', file),
  ],
  [
    'a database that is cut in the middle',
    'corrupt',
    (file) => {
      writeDatabase(file, 500);
      writeFileSync(file, readFileSync(file).subarray(0, 4096 * 3));
    },
  ],
  [
    'a database in a transaction over several databases',
    'busy',
    (file) => {
      writeDatabase(file, 5);
      addSuperJournal(file);
    },
  ],
];

describe("a store that can't be shown", () => {
  before(async () => {
    await setDaemon();
    await setPython(testPython());
    await vscode.commands.executeCommand(`${VIEW.pins}.focus`); // A refresh alone doesn't show the view.
  });
  after(() => setPython(undefined));

  for (const [what, reason, make] of BROKEN)
    it(`${what} is reported as ${reason}; the view has no row and is not left busy`, async () => {
      const file = emptyDataFolder();
      make(file);
      await listWithoutBlocking();
      const { error, busy, shown } = (await api()).state().list;
      assert.deepEqual([error?.reason, busy, shown], [reason, false, 0]);
      assert.ok(error?.message.includes(file), error?.message);
      if (hasBridge) await waitForView('a welcome text', (view) => view.welcome !== '' && !view.busy && view.rows.length === 0);
    });

  it('a folder with the name of a database is skipped, and nothing else is found', async () => {
    mkdirSync(emptyDataFolder());
    await listWithoutBlocking();
    const { error, busy, shown } = (await api()).state().list;
    assert.deepEqual([error?.reason, busy, shown], ['missing', false, 0]);
    assert.ok(error?.message.includes(DATA_FOLDER), error?.message);
  });
});

describe('a list that the user asked for and that fails', () => {
  it('is shown in a toast with the file and a way to the log, and in the welcome text', async () => {
    const file = emptyDataFolder();
    writeFileSync(file, 'not a database at all');
    await setDaemon();
    await vscode.commands.executeCommand(COMMAND.listPins);
    if (!hasBridge) return;
    await post('toast', [`${file} is not`, 'Show Log']);
    await waitForView('the welcome text', ({ welcome }) => welcome.includes("can't be read"));
  });
});

describe('an address with a password in the settings', () => {
  const set = (name: string, value: unknown): Thenable<void> =>
    vscode.workspace.getConfiguration('ipfsKit').update(name, value, vscode.ConfigurationTarget.Global);
  after(async () => {
    for (const name of ['kubo.url', 'cluster.url', 'pinningServices', 'daemon.urls']) await set(name, undefined);
    await list();
  });

  it("is refused in the row of its source, and isn't shown there or in diagnostics", async () => {
    writeDatabase(emptyDataFolder(), 3);
    await setDaemon('http://me:s3cret@127.0.0.1:1');
    await set('kubo.url', 'http://me:s3cret@127.0.0.1:1');
    await set('cluster.url', 'http://127.0.0.1:1/?key=s3cret');
    await set('pinningServices', [{ name: 'mine', url: 'https://s3cret@127.0.0.1:1/pins' }]);
    await list();
    if (hasBridge) {
      const isRefused = ({ description }: { readonly description: string }): boolean =>
        /^The address "https?:\/\/.*127\.0\.0\.1:1/.test(description);
      const { rows } = await waitForView('that three are refused', (view) => view.rows.filter(isRefused).length === 3);
      assert.doesNotMatch(JSON.stringify(rows), /s3cret/);
    }
    await vscode.commands.executeCommand(COMMAND.copyDiagnostics);
    const diagnostics = await vscode.env.clipboard.readText();
    assert.match(diagnostics, /invalid-argument: The address/);
    assert.doesNotMatch(diagnostics, /s3cret/);
  });
});

describe('a daemon that misbehaves', () => {
  let daemon: TestDaemon;
  before(async function () {
    this.timeout(90_000);
    daemon = await startTestDaemon(['--pins', '30']);
    writeDatabase(emptyDataFolder(), 20);
    await setDaemon(daemon.url);
  });
  after(async () => {
    await setDaemon();
    await daemon.stop();
  });

  const kinds = [
    '404',
    '500',
    'silence',
    'drip-headers',
    'cut',
    'cut-chunked',
    'huge-length',
    'html',
    'redirect',
    'endless',
    'empty',
    'reset',
    'close',
    'not-http',
  ];
  for (const kind of kinds)
    it(`with ${kind} on the Arrow route is listed by JSON`, async () => {
      await daemon.setFault('arrow', kind);
      await listWithoutBlocking();
      await daemon.setFault('arrow', null);
      const { source, total, busy } = (await api()).state().list;
      assert.deepEqual([source, total, busy], ['json', 30, false]);
    });

  for (const kind of ['500', 'html', 'cut', 'not-json', 'empty', 'endless'])
    it(`with ${kind} on both list routes leaves the disk, and says why`, async () => {
      await daemon.setFault('arrow', kind);
      await daemon.setFault('pins', kind);
      await listWithoutBlocking();
      const { source, freshness, total, busy } = (await api()).state().list;
      assert.deepEqual([source, freshness, total, busy], ['sqlite', 'snapshot', 20, false]);
      if (hasBridge)
        await waitForView('why', ({ message }) => message.includes('daemon list failed') && message.includes('/pin'));
      await daemon.setFault('arrow', null);
      await daemon.setFault('pins', null);
    });

  const health: [string, string][] = [
    ['silence', 'busy'],
    ['drip-headers', 'busy'],
    ['drip-body', 'busy'],
    ['500', 'busy'],
    ['html', 'foreign'],
    ['not-json', 'foreign'],
    ['redirect', 'foreign'],
    ['404', 'foreign'],
    ['endless', 'foreign'],
    ['not-http', 'foreign'],
  ];
  for (const [kind, state] of health)
    it(`with ${kind} on /health and the status routes is ${state}, and the disk is shown`, async () => {
      await daemon.setFault('health', kind);
      await daemon.setFault('status', kind);
      // A daemon that is running is reported as down only after a second failed probe.
      await list();
      await listWithoutBlocking();
      const { daemon: seen, list: shown } = (await api()).state();
      await daemon.setFault('health', null);
      await daemon.setFault('status', null);
      assert.deepEqual([seen.state, shown.source, shown.total, shown.busy], [state, 'sqlite', 20, false]);
    });
});

describe('hostile names', () => {
  const NAMES = [
    '$(trash) $(bug)',
    '[click](command:workbench.action.quit)',
    '<img src=x onerror=alert(1)>',
    '**bold** `code`',
    'exe.\u202egnp',
    'line\nbreak\u0000\u0007',
    'x'.repeat(100_000),
    '\u200b\u2066hidden',
    '../../etc/passwd',
  ];

  it('are shown as they are, harmless, on one line', async () => {
    const file = emptyDataFolder();
    const code =
      'import json, sqlite3, sys; db = sqlite3.connect(sys.argv[1]); db.execute("create table pins(cid text, name text)"); db.executemany("insert into pins values (?, ?)", [(f"Qm{i}", n) for i, n in enumerate(json.load(sys.stdin))]); db.commit()';
    const asFile = `${file}.json`;
    writeFileSync(asFile, JSON.stringify(NAMES));
    python(code.replace('json.load(sys.stdin)', 'json.load(open(sys.argv[2]))'), file, asFile);
    await setDaemon();
    await listWithoutBlocking();
    const { list: shown } = (await api()).state();
    assert.deepEqual([shown.error, shown.total], [undefined, NAMES.length]);
    if (!hasBridge) return;
    const { rows } = await waitForView('the rows', (view) => view.rows.length === NAMES.length);
    const labels = rows.map(({ label }) => label.replaceAll('\u2060', ''));
    assert.deepEqual(labels, [
      '$(trash) $(bug)',
      '**bold** `code`',
      '../../etc/passwd',
      '<img src=x onerror=alert(1)>',
      '[click](command:workbench.action.quit)',
      'exe.<U+202E>gnp',
      'line␊break␀␇',
      `${'x'.repeat(199)}…`,
      '<U+200B><U+2066>hidden',
    ]);
  });
});
