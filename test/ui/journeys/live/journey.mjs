import assert from 'node:assert/strict';
import { isSettled } from '../../../../scripts/lib/settledView.mjs';

export const title = 'a daemon: the pins come live over Arrow, and from disk when it ends';

let daemon;

export async function prepare({ home, startDaemon }) {
  daemon = await startDaemon(['--port', '0', '--pins', '321', '--batches', '4', '--data-dir', `${home}/.ipfs_kit`]);
  return { 'ipfsKit.daemon.urls': [daemon.url] };
}

export async function journey({ workbench, screenshot }) {
  await workbench.run('IPFS Kit: List Pins');
  const { status, message } = await workbench.waitForView('live rows', (view) => view.rows.length > 10 && isSettled(view));
  assert.equal(message, '321 pins · live');
  assert.match(status, /^321$/);
  await screenshot('up');
  daemon.stop();
  // The status bar follows when the daemon has failed to respond twice.
  await workbench.waitForView(
    'rows from disk',
    (view) => /SQLite.*daemon stopped/.test(view.message) && view.status === '321' && isSettled(view),
    30_000,
  );
}
