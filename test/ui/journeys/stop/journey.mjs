import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { inRoot } from '../../../../scripts/lib/project.mjs';
import { isSettled } from '../../../../scripts/lib/workbench.mjs';
import { freePort } from '../../../../scripts/lib/codeServer.mjs';

export const title =
  'Stop Daemon: the whole tree is gone, the database is free, nobody else is touched, the list comes from disk';

export const isolated = true;

const script = inRoot('test/daemon/ipfs_kit_daemon.py');
const python = process.env.IPFS_KIT_TEST_PYTHON;
let port;

export async function prepare() {
  port = await freePort();
  return { 'ipfsKit.daemon.urls': [`http://127.0.0.1:${port}`], 'ipfsKit.stop.termTimeout': 2 };
}

const BEGIN = `import sqlite3, sys
db = sqlite3.connect(sys.argv[1], timeout=0, isolation_level=None)
db.execute("begin immediate")
print("free")`;

export async function journey({ workbench, server, home, screenshot }) {
  const { inside } = server;
  const dataDir = path.join(home, '.ipfs_kit');
  const daemon = await inside.start(
    ...[python, script, '--port', String(port), '--data-dir', dataDir, '--pins', '321', '--hold', 'write-transaction'],
    ...['--children', '3', '--children-session', '--children-ignore-sigterm', '--ignore-sigterm'],
  );
  const { database } = JSON.parse(daemon.line);
  const locked = await inside.run(python, '-c', BEGIN, database);
  assert.match(locked.stdout, /database is locked/, 'the daemon holds the database');
  const bystanders = [
    await inside.start('bash', '-c', `echo up; exec tail -f ${script}`),
    await inside.start(python, '-u', '-c', 'print("up"); import time; time.sleep(600)', script),
    await inside.start('bash', '-c', 'echo up; exec -a "vim ipfs_kit_daemon.py" sleep 600'),
  ];

  await workbench.run('IPFS Kit: List Pins');
  await workbench.waitForView('live rows', (view) => view.rows.length > 10 && isSettled(view));
  await workbench.run('IPFS Kit: Show Daemon Processes');
  await workbench.quickPickRow('PID').first().waitFor();
  await workbench.quickPickRow('locked by PID').waitFor();
  await screenshot('processes');
  await workbench.closeQuickPick();

  await workbench.run('IPFS Kit: Stop Daemon');
  await workbench.dialog.waitFor();
  const question = await workbench.dialog.innerText();
  assert.match(question, /4 processes will be ended/);
  assert.match(question, new RegExp(`PID ${daemon.pid}: .*ipfs_kit_daemon\\.py --port ${port}`));
  await screenshot('question');
  await workbench.pressDialog('Stop Daemon');
  await workbench.toast('Stopping the IPFS Kit daemon').waitFor();
  await screenshot('progress');
  await workbench.toast('The daemon is stopped. Ended 4 processes.').waitFor({ timeout: 30_000 });

  const after = await workbench.waitForView(
    'rows from disk',
    (view) => /SQLite.*daemon stopped/.test(view.message) && isSettled(view),
  );
  assert.match(after.message, /^321 pins · SQLite/);
  assert.match(after.status, /IPFS stopped · 321/);
  await screenshot('stopped');

  assert.equal(await inside.isAlive(daemon.pid), false);
  const left = await inside.run('ps', '-eo', 'pid,stat,args');
  const ours = left.stdout
    .split('\n')
    .filter((line) => /time\.sleep\(600\)|--hold/.test(line) && !/ Z/.test(line) && !line.includes('print("up")'));
  assert.deepEqual(ours, [], 'nothing of the tree is left');
  for (const bystander of bystanders) assert.equal(await inside.isAlive(bystander.pid), true, `PID ${bystander.pid} lives`);
  assert.match((await inside.run(python, '-c', BEGIN, database)).stdout, /free/);
  await assert.rejects(fetch(`http://127.0.0.1:${port}/health`));

  await workbench.pressToast('The daemon is stopped', 'Show Receipt');
  const receipt = await workbench.editorText((text) => text.includes('Processes (4)'));
  assert.match(receipt, new RegExp(`Port +127\\.0\\.0\\.1:${port} closed`));
  assert.match(receipt, /Database locks free/);
  assert.match(receipt, new RegExp(`PID ${daemon.pid} +killed`));
  assert.match(receipt, /signals +SIGTERM, SIGSTOP, SIGKILL/);
  await screenshot('receipt');

  await workbench.run('IPFS Kit: Stop Daemon');
  await workbench.toast('No daemon process of yours is running.').waitFor();
  assert.ok(readFileSync(database).length > 0);
}
