import assert from 'node:assert/strict';
import { isSettled } from '../../../../scripts/lib/workbench.mjs';

export const title = 'an untrusted workspace: pins are listed, the daemon is neither started nor stopped';

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
  for (const action of ['Stop Daemon', 'Start Daemon', 'Restart Daemon']) {
    await workbench.clickStatus();
    await workbench.pick(action);
    await workbench.toast('from a workspace that you do not trust').first().waitFor();
    await screenshot(action.split(' ')[0].toLowerCase());
    await workbench.run('Notifications: Clear All Notifications');
  }
  assert.ok((await fetch(`${daemon.url}/health`)).ok);
}
