// The UI lane: each folder in test/ui/journeys is a journey through the real workbench. Its journey.mjs exports `title`, and `journey({ workbench, server,
// home, startDaemon, screenshot })`. The home directory has the content of the folder home/ beside it; `prepare({ home, startDaemon, …tools })` may add to it
// and give settings. One that exports `isolated = true` has the workbench in a PID namespace, in which `server.inside` starts processes; every journey that
// stops a daemon does. `trust = true`: workspaces must be trusted first.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { keepBrowsers } from './browser.mjs';
import { checkPins, SETTINGS } from './check.mjs';
import { startCodeServer } from './codeServer.mjs';
import { inRoot, out, temporaryFolder } from './project.mjs';
import { inWindow, openWorkbench } from './workbench.mjs';

/** The journeys that take longest begin first, so that none of them runs alone at the end. */
const LONGEST = ['arrange', 'content', 'pinnedConfiguration', 'startKubo'];
/** Nothing listens on port 1, so that no daemon of this machine is found by the tests. */
const NO_DAEMON = { 'ipfsKit.daemon.urls': ['http://127.0.0.1:1'] };
const shots = path.join(out, 'screenshots');

/** folder: where the journeys are; shotsOf: the prefix for the names of their screenshots; tools: further arguments of `prepare`. */
export async function runJourneys({ chromium, product, only, folder = 'test/ui/journeys', shotsOf = '', tools = {} }) {
  mkdirSync(shots, { recursive: true });
  const names = readdirSync(inRoot(folder)).filter((name) => !only || name.includes(only));
  if (names.length === 0) return [];
  const inOrder = new Set([...LONGEST.filter((name) => names.includes(name)), ...names.sort()]);
  const run = async (name) => {
    const { title, prepare, isolated, trust, journey } = await import(pathToFileURL(inRoot(folder, name, 'journey.mjs')).href);
    const given = inRoot(folder, name, 'home');
    const started = performance.now();
    const parts = { given, prepare, tools, isolated, trust, journey, chromium, product };
    const error = await runJourney(shotsOf + name, parts).then(
      () => undefined,
      (failure) => failure.stack ?? String(failure),
    );
    const seconds = ((performance.now() - started) / 1000).toFixed(0);
    console.log(`  ${error === undefined ? '✔' : '✖'} ${title} [${name}: ${seconds} s]`);
    return { title, ...(error !== undefined && { error }) };
  };
  return Promise.all([...inOrder].map((name) => inWindow(() => run(name)))).finally(keepBrowsers());
}

async function runJourney(name, { given, prepare, tools, isolated, trust, journey, chromium, product }) {
  const { folder: home, remove } = temporaryFolder('ik-home-');
  const daemons = [];
  const startDaemon = (args) => startTestDaemon(args).then((daemon) => (daemons.push(daemon), daemon));
  let server;
  let workbench;
  try {
    if (existsSync(given)) cpSync(given, home, { recursive: true });
    const settings = { ...NO_DAEMON, ...(await prepare?.({ home, startDaemon, ...tools })) };
    server = await startCodeServer({ vsix: [product], userHome: home, settings, isolated, trust });
    workbench = await openWorkbench({ url: server.url, folder: server.workspace, chromium });
    const screenshot = (suffix) => workbench.screenshot(path.join(shots, suffix ? `${name}-${suffix}.png` : `${name}.png`));
    try {
      await journey({ workbench, server, home, startDaemon, screenshot });
      await screenshot();
    } catch (error) {
      await workbench.screenshot(path.join(shots, `${name}-failure.png`)).catch(() => undefined);
      throw error;
    }
    if (workbench.foreignHosts.size > 0)
      throw new Error(`The page requested ${[...workbench.foreignHosts].join(', ')}, which is not on loopback.`);
  } finally {
    await workbench?.close();
    await server?.stop();
    for (const daemon of daemons) daemon.stop();
    remove();
  }
}

/** The Python daemon of test/daemon; it ends with its standard input, and therefore with this process. */
export async function startTestDaemon(args) {
  const child = spawn(
    process.env.IPFS_KIT_TEST_PYTHON,
    [inRoot('test/daemon/ipfs_kit_daemon.py'), '--exit-with-stdin', ...args],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  const lines = createInterface({ input: child.stdout });
  const line = await new Promise((resolve, reject) => {
    lines.once('line', resolve);
    child.once('exit', (code) => reject(new Error(`The test daemon ended (${code}).`)));
    setTimeout(() => reject(new Error('The test daemon did not start within 60 s.')), 60_000).unref();
  });
  const { listening: url, dataDir, database, pid } = JSON.parse(line);
  const setFault = (route, kind, arg) =>
    fetch(`${url}/test/fault`, { method: 'POST', body: JSON.stringify({ route, kind, arg }) });
  return { url, dataDir, database, pid, setFault, stop: () => child.stdin.end() };
}

/** Does what `npm start -- --check` does for a person without any pins: it lists the sample, and leaves nothing behind in the home directory. */
export function runCheck(options) {
  return inWindow(() => check(options));
}

async function check({ chromium, product, only }) {
  const title = 'npm start -- --check lists the pins, says where they come from, and writes nothing into the home directory';
  if (only && !'npmStart'.includes(only)) return [];
  const { folder: home, remove } = temporaryFolder('ik-home-');
  const lines = [];
  const { HOME } = process.env;
  process.env.HOME = home; // what the browser would inherit
  try {
    const settings = { ...SETTINGS, ...NO_DAEMON };
    const rows = await checkPins({
      ...{ product, chromium, home, settings, shot: path.join(shots, 'npmStart.png') },
      write: (line) => lines.push(line),
    });
    assert.ok(rows > 0 && lines.some((line) => /^source: .*sample/.test(line)), lines.join('\n'));
    assert.deepEqual(readdirSync(home, { recursive: true }), []);
    return [{ title }];
  } catch (error) {
    return [{ title, error: error.stack ?? String(error) }];
  } finally {
    process.env.HOME = HOME;
    remove();
  }
}
