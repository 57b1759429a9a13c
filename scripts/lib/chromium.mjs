// A Chromium to show the workbench in.
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { cache, inRoot, SetupError } from './project.mjs';
import { runLogged, say } from './run.mjs';

const PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/usr/bin/microsoft-edge',
  '/snap/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

/** The executable: CHROMIUM, one that is installed, or one that is installed now. */
export async function ensureChromium() {
  const found = find();
  if (found) return found;
  const tried = [];
  for (const install of [installByApt, installByPlaywright]) {
    try {
      await install();
    } catch (error) {
      tried.push(error.message);
    }
    const installed = find();
    if (installed) return installed;
  }
  throw new SetupError(
    `${tried.join('\n\n')}\n\nNo Chromium is here and none could be installed. Install Chromium or Chrome, or name one with CHROMIUM=/path/to/chromium.`,
  );
}

function find() {
  const { CHROMIUM } = process.env;
  if (CHROMIUM) {
    if (!existsSync(CHROMIUM)) throw new SetupError(`CHROMIUM names ${CHROMIUM}, which is not there.`);
    return CHROMIUM;
  }
  return [...PLACES, ...ownBrowsers()].find((file) => existsSync(file));
}

const browsers = path.join(cache, 'browsers');

function ownBrowsers() {
  if (!existsSync(browsers)) return [];
  return readdirSync(browsers, { recursive: true })
    .map(String)
    .filter((file) => /(?:^|[/\\])(?:headless_shell|chrome-headless-shell|chrome)(?:\.exe)?$/.test(file))
    .map((file) => path.join(browsers, file));
}

async function installByApt() {
  if (!existsSync('/usr/bin/apt-get')) return;
  if (process.getuid?.() !== 0) throw new SetupError('Chromium can be installed by: sudo apt-get install chromium');
  say('Installing Chromium with apt-get (about 100 MB, into the system)');
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  await runLogged('apt-update', 'apt-get', ['update', '-q'], { env });
  await runLogged('apt-chromium', 'apt-get', ['install', '-q', '-y', '--no-install-recommends', 'chromium'], { env });
}

async function installByPlaywright() {
  say(`Downloading a headless Chromium into ${path.relative(process.cwd(), browsers)}`);
  const env = { ...process.env, PLAYWRIGHT_BROWSERS_PATH: browsers };
  await runLogged(
    'playwright-chromium',
    process.execPath,
    [inRoot('node_modules/playwright-core/cli.js'), 'install', 'chromium-headless-shell'],
    { env },
  );
}
