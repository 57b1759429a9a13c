// The browsers of this process's windows: to start one for each window takes seconds of processor time.
import { homeVariables, temporaryFolder } from './project.mjs';

/**
 * Chromium heeds only the last `--disable-features`, so the first of these are the ones that Playwright names. The others are pages in which a whole Chromium
 * draws its own interface, once more for each window, although it's headless.
 */
const FEATURES_OFF = [
  ...[
    'AvoidUnnecessaryBeforeUnloadCheckSync',
    'DestroyProfileOnBrowserClose',
    'HttpsUpgrades',
    'HttpsFirstBalancedModeAutoEnable',
  ],
  ...['LensOverlay', 'MediaRouter', 'PaintHolding', 'ThirdPartyStoragePartitioning', 'AvoidCorsURLLoaderRestartOnRedirect'],
  ...['OptimizationHints', 'NetworkTimeServiceQuerying', 'AimEnabled', 'PreconnectToSearch'],
  ...['PreloadTopChromeWebUI', 'WebUIOmniboxPopup', 'InitialWebUI', 'WebUIToolbar'],
];

const ARGS = [
  '--disable-dev-shm-usage',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  `--disable-features=${FEATURES_OFF.join(',')}`,
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost', // nothing leaves the machine, regardless of the request
];

/** Browsers without a window, which the next windows use, and the number of windows. */
const idle = [];
let windows = 0;

/**
 * A browser for one window at a time, since the windows of a browser have one clipboard. After `leave` it is kept for the next window, with the same executable
 * and HOME; once no window is left, all of them end, and their homes are deleted.
 */
export async function takeBrowser(executablePath) {
  const key = `${executablePath}\0${process.env.HOME}`;
  const at = idle.findIndex((each) => each.key === key && !each.isLost);
  const [taken = start(executablePath, key)] = at < 0 ? [] : idle.splice(at, 1);
  const leaveAll = keepBrowsers();
  const leave = () => {
    idle.push(taken);
    return leaveAll();
  };
  try {
    return { browser: await taken.launched, leave };
  } catch (error) {
    await leave();
    throw error;
  }
}

/** Counts as a window, until the result is called. */
export function keepBrowsers() {
  windows++;
  return async () => {
    if (--windows === 0) await Promise.all(idle.splice(0).map((each) => each.end()));
  };
}

function start(executablePath, key) {
  const { folder: home, remove } = temporaryFolder('ik-');
  const launch = async () => {
    const { chromium } = await import('playwright-core');
    const args = process.getuid?.() === 0 ? [...ARGS, '--no-sandbox'] : ARGS; // Chromium refuses its sandbox to root
    const browser = await chromium.launch({ executablePath, args, env: { ...process.env, ...homeVariables(home) } });
    return browser.once('disconnected', () => (started.isLost = true));
  };
  const launched = launch();
  const end = async () => {
    try {
      await (await launched).close();
    } catch {
      // It didn't start, or is gone: the window has reported that.
    } finally {
      remove();
    }
  };
  launched.catch(() => (started.isLost = true));
  const started = { key, launched, end, isLost: false };
  return started;
}
