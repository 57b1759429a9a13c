// `npm start`: everything from a clean clone to a real VS Code with your pins in view.
//   --check   without a person: lists the pins in the real workbench, prints them and where they come from, saves a screenshot; exit status 0 or 1
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { packageExtension, packageVsix } from './lib/build.mjs';
import { ensureNodeModules } from './lib/nodeModules.mjs';
import { cache, inRoot, main, out } from './lib/project.mjs';
import { runLogged, runShown, say } from './lib/run.mjs';

/** Of the private profile: a person who has nothing yet sees something, labelled as a sample. */
const SETTINGS = { 'ipfsKit.database.sampleWhenMissing': true };

await main(async () => {
  const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });
  await ensureNodeModules();
  const product = await packageExtension();
  // The check looks at what is on the screen, which only the workbench in the browser lets it do everywhere.
  if (values.check) return check(product);
  const opener = await packageVsix(inRoot('scripts/opener'), 'opener');
  const desktop = findDesktop();
  return desktop ? openDesktop(desktop, [product, opener]) : openInBrowser([product, opener]);
});

async function check(product) {
  const { ensureChromium } = await import('./lib/chromium.mjs');
  const { ensureCodeServer, startCodeServer } = await import('./lib/codeServer.mjs');
  const { openWorkbench } = await import('./lib/workbench.mjs');
  await ensureCodeServer();
  const chromium = await ensureChromium();
  say('Listing the pins in a real workbench');
  const server = await startCodeServer({ vsix: [product], userHome: homedir(), settings: SETTINGS });
  const workbench = await openWorkbench({ url: server.url, folder: server.workspace, chromium }).catch(async (error) => {
    await server.stop();
    throw error;
  });
  try {
    await workbench.run('IPFS Kit: List Pins');
    const settled = ({ busy, rows, welcome }) =>
      !busy && (rows.length > 0 || (welcome !== '' && !/Asking the daemon/.test(welcome)));
    const seen = await workbench.waitForView('pins or a reason', settled, 60_000).catch(async (error) => {
      console.error(error.message);
      return workbench.view();
    });
    const shot = path.join(out, 'check/list-pins.png');
    mkdirSync(path.dirname(shot), { recursive: true });
    await workbench.screenshot(shot);
    for (const { label, description } of seen.rows) console.log(`  ${label}  ${description}`);
    console.log(`source: ${seen.description || '(none)'}`);
    if (seen.message) console.log(`note: ${seen.message}`);
    if (seen.welcome) console.log(`view: ${seen.welcome}`);
    console.log(`status bar: ${seen.status}`);
    console.log(`screenshot: ${path.relative(process.cwd(), shot)}`);
    if (seen.rows.length === 0) process.exitCode = 1;
  } finally {
    await workbench.close();
    await server.stop();
  }
}

function findDesktop() {
  const { VSCODE_EXECUTABLE_PATH: named } = process.env;
  if (named) return named;
  const command = process.platform === 'win32' ? 'where' : 'which';
  const { stdout, status } = spawnSync(command, ['code'], { encoding: 'utf8' });
  return status === 0 ? stdout.split(/\r?\n/)[0].trim() : undefined;
}

/** Desktop VS Code with a profile of its own: the person's editor stays as it is. */
async function openDesktop(code, vsix) {
  const profile = path.join(cache, 'desktop');
  const settings = path.join(profile, 'data/User/settings.json');
  mkdirSync(path.dirname(settings), { recursive: true });
  writeFileSync(settings, JSON.stringify({ ...SETTINGS, 'workbench.startupEditor': 'none' }, null, 2));
  const own = ['--user-data-dir', path.join(profile, 'data'), '--extensions-dir', path.join(profile, 'extensions')];
  const shell = process.platform === 'win32' && /\.cmd$/i.test(code);
  const [command, first] = shell ? ['cmd.exe', ['/d', '/s', '/c', code]] : [code, []];
  await runLogged('install-into-desktop', command, [
    ...first,
    ...own,
    ...vsix.flatMap((file) => ['--install-extension', file, '--force']),
  ]);
  say(`Opening ${code} with a profile of its own; close its window to end`);
  process.exitCode = await runShown(command, [...first, ...own, '--new-window', '--wait', cache]);
}

async function openInBrowser(vsix) {
  const { ensureCodeServer, startCodeServer } = await import('./lib/codeServer.mjs');
  say('No desktop VS Code was found (code on PATH, or VSCODE_EXECUTABLE_PATH): a workbench in the browser is used');
  await ensureCodeServer();
  const server = await startCodeServer({ vsix, userHome: homedir(), settings: SETTINGS });
  const url = `${server.url}/?folder=${encodeURIComponent(server.workspace)}`;
  console.log(`\n  ${url}\n\nYour pins are in the IPFS Kit container on the left. Ctrl-C ends it.`);
  openUrl(url);
  await server.exited;
  await server.stop();
}

/** A courtesy: where no browser can be opened, the address is printed above. */
function openUrl(url) {
  const hasScreen = process.platform !== 'linux' || process.env.DISPLAY || process.env.WAYLAND_DISPLAY;
  if (!hasScreen || process.env.CI) return;
  const [command, args] =
    process.platform === 'darwin'
      ? ['open', [url]]
      : process.platform === 'win32'
        ? ['explorer.exe', [url]]
        : ['xdg-open', [url]];
  spawn(command, args, { stdio: 'ignore', detached: true })
    .on('error', () => undefined)
    .unref();
}
