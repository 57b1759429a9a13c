import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { inRoot } from '../../../../scripts/lib/project.mjs';
import { isSettled } from '../../../../scripts/lib/settledView.mjs';
import { freePort } from '../../../../scripts/lib/codeServer.mjs';

export const title =
  'Stop Daemon: the whole tree is gone, the database is free, no other process is touched, the list comes from disk; then the rest of a crashed daemon, and a Kubo that is still writing';

export const isolated = true;

const script = inRoot('test/daemon/ipfs_kit_daemon.py');
const python = process.env.IPFS_KIT_TEST_PYTHON;
let port;

export async function prepare() {
  port = await freePort();
  return {
    'ipfsKit.daemon.urls': [`http://127.0.0.1:${port}`],
    'ipfsKit.stop.termTimeout': 2,
    'ipfsKit.stop.gracefulTimeout': 1,
  };
}

/** A daemon whose worker locks the database. */
const CRASHES = `import os, subprocess, sys
subprocess.run([sys.executable, os.path.join(os.path.dirname(__file__), "worker.py"), sys.argv[1]])`;

const LEFT = `import os, sqlite3, sys, time
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute("begin immediate")
print(os.getpid(), flush=True)
time.sleep(600)`;

const PEER = '12D3KooWSdXgMJ4zedJFifGaNJFeDhuyiNYPSgHidbMaJztqGZ1L';

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
  assert.match(question, /4 processes will be stopped/);
  assert.match(question, new RegExp(`PID ${daemon.pid}: .*ipfs_kit_daemon\\.py --port ${port}`));
  await screenshot('question');
  await workbench.pressDialog('Stop Daemon');
  await workbench.toast('Stopping the ipfs_kit_py daemon').waitFor();
  await screenshot('progress');
  await workbench.toast('The daemon is stopped. Killed 4 processes.').waitFor({ timeout: 30_000 });

  const after = await workbench.waitForView(
    'rows from disk',
    (view) => /SQLite.*daemon stopped/.test(view.message) && view.status === '321' && isSettled(view),
  );
  assert.match(after.message, /^321 pins · SQLite/);
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

  await workbench.pressToast('The daemon is stopped', 'Show Report');
  const report = await workbench.editorText((text) => text.includes('Processes (4)'));
  assert.match(report, new RegExp(`Port +127\\.0\\.0\\.1:${port} closed`));
  assert.match(report, /Database locks free/);
  assert.match(report, new RegExp(`PID ${daemon.pid} +killed`));
  assert.match(report, /signals +SIGTERM, SIGSTOP, SIGKILL/);
  await screenshot('report');

  await workbench.run('IPFS Kit: Stop Daemon');
  await workbench.toast('No daemon is running under your account.').waitFor();
  assert.ok(readFileSync(database).length > 0);

  await endsWhatWasLeft({ workbench, inside, home, database, screenshot });
  await waitsForKubo({ workbench, inside, home, screenshot });
}

async function endsWhatWasLeft({ workbench, inside, home, database, screenshot }) {
  const folder = path.join(home, 'crashes');
  mkdirSync(folder);
  writeFileSync(path.join(folder, 'worker.py'), LEFT);
  writeFileSync(path.join(folder, 'ipfs_kit_daemon.py'), CRASHES);
  const crashing = await inside.start(python, path.join(folder, 'ipfs_kit_daemon.py'), database);
  const pid = Number(crashing.line);
  await workbench.run('IPFS Kit: Show Daemon Processes');
  await workbench.quickPickRow(`PID ${crashing.pid}`).first().waitFor();
  await workbench.closeQuickPick();
  await inside.run('kill', '-KILL', String(crashing.pid));
  const parentOf = async () => (await inside.run('ps', '-o', 'ppid=', '-p', String(pid))).stdout.trim();
  while ((await parentOf()) !== '1') await sleep(50);
  await workbench.run('IPFS Kit: Show Daemon Processes');
  const row = workbench.quickPickRow('left behind by a daemon that has exited · ');
  await row.waitFor();
  await screenshot('left behind');
  await row.hover();
  await row.locator('.action-label[aria-label="End Process…"]').click({ timeout: 8000 });
  await workbench.dialog.waitFor();
  const question = await workbench.dialog.innerText();
  for (const part of [`PID ${pid}: `, 'worker.py', 'Started just now', path.basename(database)])
    assert.ok(question.includes(part), `${part} in ${question}`);
  await screenshot('end process');
  await workbench.pressDialog('End Process');
  await workbench.toast('The process is stopped. Ended 1 process.').waitFor({ timeout: 15_000 });
  assert.match((await inside.run('ps', '-o', 'stat=', '-p', String(pid))).stdout, /^(?:Z|$)/);
}

async function waitsForKubo({ workbench, inside, home, screenshot }) {
  const repository = path.join(home, '.ipfs');
  mkdirSync(repository, { recursive: true });
  writeFileSync(path.join(repository, 'config'), JSON.stringify({ Identity: { PeerID: PEER, PrivKey: 'CAES' } }));
  const kubo = await inside.start(
    ...[python, inRoot('test/support/kubo_stand_in.py'), repository, '--peer', PEER, '--works', 'writes', '--no-stdin'],
  );
  await workbench.run('Notifications: Clear All Notifications');
  await workbench.run('IPFS Kit: Stop Kubo');
  await workbench.pressDialog('Stop Kubo');
  await workbench.toast(/Kubo is still writing: \d+ s/).waitFor({ timeout: 15_000 });
  const offer = `Kubo (PID ${kubo.pid}) is still shutting down`;
  await workbench.toast(offer).waitFor({ timeout: 15_000 });
  await screenshot('still writing');
  assert.equal(await inside.isAlive(kubo.pid), true);
  await workbench.pressToast(offer, 'Force Stop…');
  await workbench.dialog.waitFor();
  assert.match(await workbench.dialog.innerText(), /the repository can be damaged/);
  await screenshot('force');
  await workbench.pressDialog('Force Stop');
  await workbench.toast('The Kubo daemon is stopped. Killed 1 process.').waitFor({ timeout: 15_000 });
  assert.equal(await inside.isAlive(kubo.pid), false);
}
