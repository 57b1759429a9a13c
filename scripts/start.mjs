// `npm start`: everything from a clean clone to desktop VS Code, or else code-server's workbench, with your pins in view.
//   --check   without a person: lists the pins in the real workbench, prints them and where they come from, saves a screenshot; exit status 0 or 1
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { packageExtension, packageVsix } from './lib/build.mjs';
import { checkPins, SETTINGS } from './lib/check.mjs';
import { ensureCodeServer, QUIET, startCodeServer } from './lib/codeServer.mjs';
import { cliCommand, findDesktop, hasScreen, rootArguments } from './lib/desktop.mjs';
import { ensureNodeModules } from './lib/nodeModules.mjs';
import { cache, inRoot, main, out } from './lib/project.mjs';
import { runLogged, runShown, say } from './lib/run.mjs';

await main(async () => {
  const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });
  const desktop = values.check ? undefined : findDesktop();
  await ensureNodeModules();
  const product = await packageExtension();
  // The check reads the screen, which works everywhere only in the workbench in the browser.
  if (values.check) return check(product);
  const opener = await packageVsix(inRoot('scripts/opener'), 'opener');
  if (desktop && hasScreen()) return openDesktop(desktop, [product, opener]);
  const why = desktop ? 'There is no display' : 'No desktop VS Code was found (code on PATH, or VSCODE_EXECUTABLE_PATH)';
  return openInBrowser([product, opener], why);
});

async function check(product) {
  const { ensureChromium } = await import('./lib/chromium.mjs');
  await ensureCodeServer();
  const chromium = await ensureChromium();
  say('Listing the pins in a real workbench');
  const shot = path.join(out, 'check/list-pins.png');
  const rows = await checkPins({ product, chromium, home: homedir(), shot });
  console.log(`screenshot: ${path.relative(process.cwd(), shot)}`);
  if (rows === 0) process.exitCode = 1;
}

/** Desktop VS Code with a separate profile: the person's own editor isn't changed. */
async function openDesktop({ cli }, vsix) {
  const profile = path.join(cache, 'desktop');
  const settings = path.join(profile, 'data/User/settings.json');
  const workspace = path.join(profile, 'workspace');
  for (const folder of [path.dirname(settings), workspace]) mkdirSync(folder, { recursive: true });
  if (!existsSync(settings)) writeFileSync(settings, JSON.stringify({ ...QUIET, ...SETTINGS }, null, 2));
  const own = ['--user-data-dir', path.join(profile, 'data'), '--extensions-dir', path.join(profile, 'extensions')];
  own.push(...rootArguments);
  const install = cliCommand(cli, [...own, ...vsix.flatMap((file) => ['--install-extension', file]), '--force']);
  await runLogged('install-into-desktop', install.command, install.args, install.options);
  say(`Opening ${cli} with a separate profile; close its window to end`);
  const open = cliCommand(cli, [...own, '--new-window', '--wait', workspace]);
  process.exitCode = await runShown(open.command, open.args, open.options);
}

async function openInBrowser(vsix, why) {
  say(`${why}: using a workbench in the browser`);
  await ensureCodeServer();
  const server = await startCodeServer({ vsix, userHome: homedir(), settings: SETTINGS });
  const url = `${server.url}/?folder=${encodeURIComponent(server.workspace)}`;
  console.log(`\n  ${url}\n\nYour pins are in the IPFS Kit view container on the left. Press Ctrl+C to end it.`);
  openUrl(url);
  await server.exited;
  await server.stop();
}

/** Optional: if no browser can be opened, the address is printed above. */
function openUrl(url) {
  if (!hasScreen() || process.env.CI) return;
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
