// The host lane: the product and the test driver are installed as .vsix; the driver runs mocha in the extension host and, over a bridge on
// loopback, has real buttons pressed and asks what the workbench shows.
import { createServer } from 'node:http';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { packageVsix } from './build.mjs';
import { startCodeServer } from './codeServer.mjs';
import { inRoot, out, temporaryFolder } from './project.mjs';
import { inWindow, openWorkbench } from './workbench.mjs';

const LONGEST_MS = 600_000;

const NO_PORT_SEARCH = { 'remote.autoForwardPorts': false, 'remote.autoForwardPortsSource': 'output' };

export async function buildDriver() {
  const { buildHostTests } = await import(pathToFileURL(inRoot('esbuild.mjs')).href);
  await buildHostTests();
  return packageVsix(inRoot('test/host'), 'host-tests');
}

/**
 * only: suites whose file name contains this; suites: the folder they are in; onFigures: receives the figures that a suite has measured; env: variables of the
 * extension host; more: further requests of suites, in addition to the gestures.
 */
export function runHostLane(options) {
  return inWindow(() => runSuites(options));
}

async function runSuites({
  chromium,
  product,
  only = '',
  suites = 'suite',
  onFigures = () => undefined,
  env: given = {},
  more = {},
}) {
  const driver = await buildDriver();
  const home = temporaryFolder('ik-home-');
  let workbench;
  let results;
  const gestures = {
    figures: onFigures,
    view: () => workbench.view(),
    saveAs: (title, file) => workbench.saveAs(title, file),
    clickRow: (label) => workbench.clickRow(label),
    dialogText: () => workbench.dialog.innerText(),
    dialog: async (name) => {
      const said = await workbench.dialog.innerText({ timeout: 20_000 });
      await workbench.pressDialog(name);
      return said;
    },
    toast: (content, name) => workbench.pressToast(content, name),
    toasts: () => workbench.toasts(),
    awaitToast: (content) => workbench.toast(content).first().waitFor({ timeout: 20_000 }),
    drawn: (area, mark, icon) => workbench.drawn(area, mark, icon),
    hoverRow: (content) => workbench.hoverRow(content),
    hoverStatus: (content) => workbench.hoverStatus(content),
    closeQuickPick: () => workbench.closeQuickPick(),
    pick: (label, timeout) => workbench.pick(label, timeout),
    welcome: (name) => workbench.pressWelcome(name),
    screenshot: (name) => workbench.screenshot(path.join(out, 'screenshots', `${name}.png`)),
    ...more,
  };
  const bridge = createServer(async (request, response) => {
    try {
      const body = JSON.parse(await text(request));
      if (request.url === '/results') results = body;
      const answer = request.url === '/results' ? null : await gestures[request.url.slice(1)](...body);
      response.end(JSON.stringify(answer ?? null));
    } catch (error) {
      response.writeHead(500).end(String(error));
    }
  });
  await new Promise((resolve) => bridge.listen(0, '127.0.0.1', resolve));
  let server;
  try {
    const env = {
      IPFS_KIT_TEST_BRIDGE: `http://127.0.0.1:${bridge.address().port}`,
      IPFS_KIT_TEST_ROOT: inRoot(),
      IPFS_KIT_TEST_ONLY: only,
      IPFS_KIT_TEST_SUITES: suites,
      IPFS_KIT_TEST_PYTHON: process.env.IPFS_KIT_TEST_PYTHON,
      ...given,
    };
    // Nothing listens on port 1, so the tests never use a daemon of this machine.
    server = await startCodeServer({
      vsix: [product, driver],
      env,
      userHome: home.folder,
      // A remote window also searches for ports to forward, for which it spawns processes every few seconds, in the measured thread.
      // Suites replace the pins of a source as they need them: a suite that is about losses turns the history on.
      settings: { 'ipfsKit.daemon.urls': ['http://127.0.0.1:1'], 'ipfsKit.history': false, ...NO_PORT_SEARCH },
      isolated: true, // only daemons in the namespace are stopped
    });
    workbench = await openWorkbench({ url: server.url, folder: server.workspace, chromium });
    for (const end = Date.now() + LONGEST_MS; results === undefined; await sleep(100)) {
      if (Date.now() > end)
        throw new Error(`The extension host gave no results within ${LONGEST_MS / 1000} s.\n${server.output()}`);
    }
  } finally {
    await workbench?.close();
    await server?.stop();
    bridge.close();
    bridge.closeAllConnections();
    home.remove();
  }
  for (const { title, error, seconds } of results) if (error === undefined) console.log(`  ✔ ${title} (${seconds.toFixed(1)} s)`);
  return results;
}
