// The browser of this process's windows: to start one for each takes seconds of processor time.
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

const open = new Map();

/**
 * A browser that is shared by all windows with the same executable and the same HOME at that time. It ends, and its own home is deleted, once each of them has
 * called `leave`.
 */
export async function joinBrowser(executablePath) {
  const key = `${executablePath}\0${process.env.HOME}`;
  const shared = open.get(key) ?? start(executablePath);
  open.set(key, shared);
  shared.windows++;
  const forget = () => open.get(key) === shared && open.delete(key);
  const leave = async () => {
    if (--shared.windows > 0) return;
    forget();
    await shared.end();
  };
  try {
    const browser = await shared.launched;
    browser.once('disconnected', forget); // after a crash the next window starts another one
    return { browser, leave };
  } catch (error) {
    await leave();
    throw error;
  }
}

function start(executablePath) {
  const { folder: home, remove } = temporaryFolder('ik-');
  const launch = async () => {
    const { chromium } = await import('playwright-core');
    const args = process.getuid?.() === 0 ? [...ARGS, '--no-sandbox'] : ARGS; // Chromium refuses its sandbox to root
    return chromium.launch({ executablePath, args, env: { ...process.env, ...homeVariables(home) } });
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
  return { launched, end, windows: 0 };
}
