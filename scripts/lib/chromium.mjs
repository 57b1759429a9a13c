// The Chromium that shows the workbench.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { cache, inRoot, SetupError } from './project.mjs';
import { runLogged, say } from './run.mjs';

/**
 * Ordered by preference. The headless shell is Chromium without the interface of a browser, whose own pages `--headless` draws too: a window of the workbench
 * takes a quarter less processor time in it.
 */
const PLACES = [
  '/usr/bin/chromium-headless-shell',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/usr/bin/microsoft-edge',
  '/snap/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

/** The executable: CHROMIUM, an installed one, or one that is installed now. */
export async function ensureChromium() {
  const found = find();
  if (found) return found;
  const tried = [];
  for (const install of [() => installByApt('chromium-headless-shell'), () => installByApt('chromium'), installByPlaywright]) {
    try {
      await install();
    } catch (error) {
      tried.push(error.message);
    }
    const installed = find();
    if (installed) return installed;
  }
  throw new SetupError(
    `${tried.join('\n\n')}\n\nChromium was not found and could not be installed. Install Chromium or Chrome, or set CHROMIUM=/path/to/chromium.`,
  );
}

function find() {
  const { CHROMIUM } = process.env;
  if (CHROMIUM) {
    if (!existsSync(CHROMIUM)) throw new SetupError(`CHROMIUM is set to ${CHROMIUM}, which doesn't exist.`);
    return CHROMIUM;
  }
  return [...PLACES, ...onPath(), ...playwrightBrowsers()].find((file) => existsSync(file) && starts(file));
}

/** On Ubuntu /usr/bin/chromium-browser may be a script that only asks you to install the snap; a download may need missing system libraries. */
function starts(file) {
  // macOS and Windows have no such placeholders, and --version may open a window there.
  if (process.platform !== 'linux') return true;
  return spawnSync(file, ['--version'], { timeout: 20_000, stdio: 'ignore' }).status === 0;
}

function onPath() {
  const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
  const folders = (process.env.PATH ?? '').split(path.delimiter).filter((folder) => path.isAbsolute(folder));
  return folders.flatMap((folder) => names.map((name) => path.join(folder, name)));
}

const browsers = path.join(cache, 'browsers');

/** Ours, then those that Playwright keeps for a person: https://playwright.dev/docs/browsers#managing-browser-binaries */
function playwrightBrowsers() {
  const caches = {
    darwin: path.join(homedir(), 'Library/Caches/ms-playwright'),
    win32: path.join(process.env.LOCALAPPDATA ?? homedir(), 'ms-playwright'),
  };
  const theirs = caches[process.platform] ?? path.join(homedir(), '.cache/ms-playwright');
  return [browsers, theirs].filter(existsSync).flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => /^chromium/.test(name))
      .flatMap((name) =>
        readdirSync(path.join(folder, name), { recursive: true }).map((file) => path.join(folder, name, String(file))),
      )
      .filter((file) => /(?:^|[/\\])(?:headless_shell|chrome-headless-shell|chrome|Chromium)(?:\.exe)?$/.test(file)),
  );
}

async function installByApt(name) {
  if (!existsSync('/usr/bin/apt-get')) return;
  if (process.getuid?.() !== 0) throw new SetupError(`Chromium can be installed by: sudo apt-get install ${name}`);
  say(`Installing ${name} with apt-get (about 100 MB, into the system)`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  await runLogged('apt-update', 'apt-get', ['update', '-q'], { env });
  const wait = ['-o', 'DPkg::Lock::Timeout=300']; // another apt may be running, as after the first start of a machine
  await runLogged(`apt-${name}`, 'apt-get', ['install', '-q', '-y', '--no-install-recommends', ...wait, name], { env });
}

async function installByPlaywright() {
  say(`Downloading a headless Chromium to ${path.relative(process.cwd(), browsers)}`);
  const env = { ...process.env, PLAYWRIGHT_BROWSERS_PATH: browsers };
  const cli = inRoot('node_modules/playwright-core/cli.js');
  await runLogged('playwright-chromium', process.execPath, [cli, 'install', 'chromium-headless-shell'], { env });
  if (find() || process.platform !== 'linux' || process.getuid?.() !== 0) return;
  say('Installing the system libraries that it needs');
  await runLogged('playwright-libraries', process.execPath, [cli, 'install-deps', 'chromium-headless-shell'], { env });
}
