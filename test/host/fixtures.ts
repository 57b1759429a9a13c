import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { IpfsKitApi } from '../../src/api';
import { EXTENSION_ID } from '../../src/base/contributions';

export const DATA_FOLDER = path.join(homedir(), '.ipfs_kit');
export const NO_SERVER = 'http://127.0.0.1:1';
const SCHEDULE = '/proc/self/schedstat';

export async function api(): Promise<IpfsKitApi> {
  const extension = vscode.extensions.getExtension<IpfsKitApi>(EXTENSION_ID);
  assert.ok(extension);
  return extension.activate();
}

export function emptyDataFolder(): string {
  rmSync(DATA_FOLDER, { recursive: true, force: true });
  mkdirSync(path.join(DATA_FOLDER, 'pin_metadata'), { recursive: true });
  return path.join(DATA_FOLDER, 'pin_metadata', 'pins.db');
}

export async function setDaemon(...urls: string[]): Promise<void> {
  await vscode.workspace
    .getConfiguration('ipfsKit')
    .update('daemon.urls', urls.length > 0 ? urls : [NO_SERVER], vscode.ConfigurationTarget.Global);
}

/** Undefined takes the setting out. */
export async function setPython(path: string | undefined): Promise<void> {
  await vscode.workspace.getConfiguration('ipfsKit').update('python.path', path, vscode.ConfigurationTarget.Global);
}

/** The time in ms that this thread, the first of its process, was ready to run and had no processor: the second field of schedstat (proc_pid_schedstat). */
function waitedForProcessorMs(): number {
  return existsSync(SCHEDULE) ? Number(readFileSync(SCHEDULE, 'latin1').split(' ')[1]) / 1e6 : 0;
}

/** The longest time in ms that the host's thread was not free while `work` went on; other programs that kept the processor busy don't count. */
export async function longestBlock(work: () => Promise<unknown>): Promise<number> {
  let [last, waited] = [performance.now(), waitedForProcessorMs()];
  let longest = 0;
  const tick = setInterval(() => {
    const [now, waitedNow] = [performance.now(), waitedForProcessorMs()];
    longest = Math.max(longest, now - last - (waitedNow - waited));
    [last, waited] = [now, waitedNow];
  }, 1);
  try {
    await work();
  } finally {
    clearInterval(tick);
  }
  return longest;
}
