// What `npm start -- --check` does once all is set up: lists the pins in a real workbench, and prints what the view shows.
import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { startCodeServer } from './codeServer.mjs';
import { inRoot } from './project.mjs';
import { isSettled } from './settledView.mjs';
import { openWorkbench } from './workbench.mjs';

/** Settings of the private profile: a person without any pins sees a labeled sample. */
export const SETTINGS = { 'ipfsKit.database.sampleWhenMissing': true };

const { commands, viewsWelcome } = JSON.parse(readFileSync(inRoot('package.json'), 'utf8')).contributes;
const LIST_PINS = commands.find(({ command }) => command === 'ipfsKit.listPins');
const LOADING = viewsWelcome.find(({ when }) => when === 'ipfsKit.view == probing').contents;

/** Gives the number of rows that are in view. home: HOME of the extension host; shot: where the screenshot is saved; write: takes each line. */
export async function checkPins({ product, chromium, home, settings = SETTINGS, shot, write = console.log }) {
  const server = await startCodeServer({ vsix: [product], userHome: home, settings });
  let workbench;
  try {
    workbench = await openWorkbench({ url: server.url, folder: server.workspace, chromium });
    await workbench.run(`${LIST_PINS.category}: ${LIST_PINS.title}`);
    const hasAnswer = ({ rows, welcome }) => rows.length > 0 || (welcome !== '' && !welcome.includes(LOADING));
    const seen = await workbench.waitForView('pins or a reason', (view) => isSettled(view) && hasAnswer(view), 60_000);
    for (const { label, description } of seen.rows) write(`  ${label}  ${description}`);
    write(`(${seen.rows.length} ${seen.rows.length === 1 ? 'row' : 'rows'} in view)`);
    write(`source: ${seen.description || '(none)'}`);
    if (seen.message !== seen.description && seen.message) write(`note: ${seen.message}`);
    if (seen.welcome) write(`view: ${seen.welcome}`);
    write(`status bar: ${seen.status}`);
    return seen.rows.length;
  } finally {
    mkdirSync(path.dirname(shot), { recursive: true });
    await workbench?.screenshot(shot).catch(() => undefined);
    await workbench?.close();
    await server.stop();
  }
}
