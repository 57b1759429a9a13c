// `node scripts/pictures.mjs`: retakes the pictures of the README in the real workbench, and writes them into media/screenshots.
//   --only NAME   only `pins` or `sources`
// A picture is a file in scripts/pictures: `prepare({ home, startDaemon })` returns settings, `arrange(workbench)` arranges the window, and `end()` cleans up.
import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { packageExtension } from './lib/build.mjs';
import { ensureCodeServer, startCodeServer } from './lib/codeServer.mjs';
import { ensureNodeModules } from './lib/nodeModules.mjs';
import { inRoot, main, refuseUnknown, SetupError, temporaryFolder } from './lib/project.mjs';
import { say } from './lib/run.mjs';

const VIEWPORT = { width: 1080, height: 600 };
/** The width of the side bar, in which a row has room for its whole text. */
const SIDE_BAR_ENDS = 440;
const LARGEST = 150_000;
const SETTINGS = {
  'workbench.colorTheme': 'Default Dark Modern',
  'editor.minimap.enabled': false,
  'ipfsKit.daemon.urls': ['http://127.0.0.1:1'],
};

await main(async () => {
  const { values } = parseArgs({ options: { only: { type: 'string' } } });
  const pictures = readdirSync(inRoot('scripts/pictures')).map((file) => path.parse(file).name);
  const wanted = values.only === undefined ? pictures : [values.only];
  refuseUnknown('picture', wanted, pictures);
  await ensureNodeModules();
  const { ensurePython } = await import('./lib/python.mjs');
  const { ensureChromium } = await import('./lib/chromium.mjs');
  process.env.IPFS_KIT_TEST_PYTHON = await ensurePython();
  await ensureCodeServer();
  const parts = { chromium: await ensureChromium(), product: await packageExtension() };
  for (const name of wanted) await take(name, inRoot('scripts/pictures', `${name}.mjs`), parts);
});

async function take(name, script, { chromium, product }) {
  const { startTestDaemon } = await import('./lib/uiLane.mjs');
  const { openWorkbench } = await import('./lib/workbench.mjs');
  const { prepare, arrange, end } = await import(pathToFileURL(script).href);
  const file = inRoot('media/screenshots', `${name}.png`);
  const { folder: home, remove } = temporaryFolder('ik-home-');
  const daemons = [];
  let server;
  let workbench;
  try {
    const startDaemon = (args) => startTestDaemon(args).then((daemon) => (daemons.push(daemon), daemon));
    const settings = { ...SETTINGS, ...(await prepare({ home, startDaemon })) };
    server = await startCodeServer({ vsix: [product], userHome: home, settings, env: { IPFS_PATH: '' } });
    workbench = await openWorkbench({ url: server.url, folder: server.workspace, chromium, viewport: VIEWPORT });
    await workbench.openContainer();
    await widenSideBar(workbench.page);
    await arrange(workbench);
    await workbench.page.mouse.move(700, 90); // over no row, which would show its buttons
    await sleep(1500); // icons and the line above the rows are drawn late
    await workbench.screenshot(file);
    const { size } = statSync(file);
    if (size > LARGEST) throw new SetupError(`${file} has ${size} bytes; ${LARGEST} are allowed.`);
    say(`${path.relative(process.cwd(), file)}, ${size} bytes. Look at it.`);
  } finally {
    await workbench?.close();
    await server?.stop();
    end?.();
    for (const daemon of daemons) daemon.stop();
    remove();
  }
}

async function widenSideBar(page) {
  const { x, width, y, height } = await page.locator('.part.sidebar').boundingBox();
  await page.mouse.move(x + width + 2, y + height / 2);
  await page.mouse.down();
  await page.mouse.move(SIDE_BAR_ENDS, y + height / 2, { steps: 10 });
  await page.mouse.up();
}
