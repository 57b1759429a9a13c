import assert from 'node:assert/strict';
import { isSettled } from '../../../../scripts/lib/settledView.mjs';

export const title = "an untrusted workspace: pins are listed, the daemon isn't started or stopped";

export const isolated = true;
export const trust = true;

let daemon;

export async function prepare({ home, startDaemon }) {
  daemon = await startDaemon(['--port', '0', '--pins', '12', '--data-dir', `${home}/.ipfs_kit`]);
  return { 'ipfsKit.daemon.urls': [daemon.url], 'ipfsKit.daemon.command': ['python3', 'ipfs_kit_daemon.py'] };
}

export async function journey({ workbench, screenshot }) {
  await workbench.run('IPFS Kit: List Pins');
  const { message } = await workbench.waitForView('live rows', (view) => view.rows.length > 10 && isSettled(view));
  assert.equal(message, '12 pins · live');
  const refused = async (action, word) => {
    await workbench.clickStatus();
    await workbench.pick(action);
    await workbench.toast(`The daemon can't be ${word} from an untrusted workspace.`).waitFor();
    await screenshot(word);
    await workbench.run('Notifications: Clear All Notifications');
  };
  await refused('Stop Daemon', 'stopped');
  await refused('Restart Daemon', 'restarted');
  assert.ok((await fetch(`${daemon.url}/health`)).ok);
  daemon.stop();
  await workbench.waitForView('rows from disk', (view) => /daemon stopped/.test(view.message) && isSettled(view));
  await refused('Start Daemon', 'started');
}
