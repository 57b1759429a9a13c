// `npm run test:desktop`: the host suites in desktop VS Code: VSCODE_EXECUTABLE_PATH, that of `code`, or a download of VSCODE_VERSION (stable). Without a
// runner that can press buttons, the suites use only the API of the extension. On Linux without a display: xvfb-run -a.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from './lib/build.mjs';
import { findDesktop, hasScreen } from './lib/desktop.mjs';
import { ensureNodeModules } from './lib/nodeModules.mjs';
import { cache, inRoot, main, root, SetupError, temporaryFolder } from './lib/project.mjs';
import { ensurePython } from './lib/python.mjs';

await main(async () => {
  parseArgs({ options: {} });
  await ensureNodeModules();
  const python = await ensurePython();
  const { downloadAndUnzipVSCode, runTests } = await import('@vscode/test-electron');
  const vscodeExecutablePath = findDesktop()?.executable ?? (await download(downloadAndUnzipVSCode));
  if (!hasScreen()) throw new SetupError('There is no display for desktop VS Code. Run: xvfb-run -a npm run test:desktop');
  await build();
  const { buildHostTests } = await import(pathToFileURL(inRoot('esbuild.mjs')).href);
  await buildHostTests();

  const { folder: own, remove } = temporaryFolder('ik-');
  const home = path.join(own, 'home');
  const settings = path.join(own, 'data/User/settings.json');
  for (const folder of [path.dirname(settings), home, path.join(own, 'workspace')]) mkdirSync(folder, { recursive: true });
  writeFileSync(settings, JSON.stringify({ 'ipfsKit.daemon.urls': ['http://127.0.0.1:1'], 'ipfsKit.history': false }));
  try {
    await runTests({
      vscodeExecutablePath,
      extensionDevelopmentPath: root,
      extensionTestsPath: inRoot('test/host/dist/driver.js'),
      extensionTestsEnv: { HOME: home, USERPROFILE: home, IPFS_KIT_TEST_ROOT: root, IPFS_KIT_TEST_PYTHON: python },
      launchArgs: [
        path.join(own, 'workspace'),
        '--user-data-dir',
        path.join(own, 'data'),
        '--extensions-dir',
        path.join(own, 'extensions'),
        '--disable-extensions',
        '--disable-workspace-trust',
      ],
    });
    console.log('The host suites passed in desktop VS Code.');
  } finally {
    remove();
  }
});

async function download(downloadAndUnzip) {
  try {
    return await downloadAndUnzip({ version: process.env.VSCODE_VERSION || 'stable', cachePath: path.join(cache, 'vscode') });
  } catch (error) {
    throw new SetupError(
      `Desktop VS Code was not found: VSCODE_EXECUTABLE_PATH isn't set, and it couldn't be downloaded (${error.message}). Install VS Code, or set VSCODE_EXECUTABLE_PATH to its program.`,
    );
  }
}
