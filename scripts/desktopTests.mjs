// `npm run test:desktop`: the host suites in desktop VS Code: VSCODE_EXECUTABLE_PATH, or a download of VSCODE_VERSION (stable).
// Without a runner that can press buttons, the suites check by the API of the extension alone. On Linux without a display: xvfb-run -a.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from './lib/build.mjs';
import { ensureNodeModules } from './lib/nodeModules.mjs';
import { cache, inRoot, main, root, SetupError } from './lib/project.mjs';
import { ensurePython } from './lib/python.mjs';

await main(async () => {
  await ensureNodeModules();
  const python = await ensurePython();
  const { downloadAndUnzipVSCode, runTests } = await import('@vscode/test-electron');
  const vscodeExecutablePath = process.env.VSCODE_EXECUTABLE_PATH ?? (await download(downloadAndUnzipVSCode));
  await build();
  const { buildHostTests } = await import(pathToFileURL(inRoot('esbuild.mjs')).href);
  await buildHostTests();

  const own = mkdtempSync(path.join(tmpdir(), 'ik-'));
  const settings = path.join(own, 'data/User/settings.json');
  for (const folder of [path.dirname(settings), path.join(own, 'home'), path.join(own, 'workspace')])
    mkdirSync(folder, { recursive: true });
  writeFileSync(settings, JSON.stringify({ 'ipfsKit.daemon.urls': ['http://127.0.0.1:1'] }));
  try {
    await runTests({
      vscodeExecutablePath,
      extensionDevelopmentPath: root,
      extensionTestsPath: inRoot('test/host/dist/driver.js'),
      extensionTestsEnv: { HOME: path.join(own, 'home'), IPFS_KIT_TEST_ROOT: root, IPFS_KIT_TEST_PYTHON: python },
      launchArgs: [
        path.join(own, 'workspace'),
        '--user-data-dir',
        path.join(own, 'data'),
        '--disable-extensions',
        '--disable-workspace-trust',
      ],
    });
    console.log('The host suites have passed in desktop VS Code.');
  } finally {
    rmSync(own, { recursive: true, force: true });
  }
});

async function download(downloadAndUnzip) {
  try {
    return await downloadAndUnzip({ version: process.env.VSCODE_VERSION ?? 'stable', cachePath: path.join(cache, 'vscode') });
  } catch (error) {
    throw new SetupError(
      `No desktop VS Code: none is named by VSCODE_EXECUTABLE_PATH, and it could not be downloaded (${error.message}).`,
    );
  }
}
