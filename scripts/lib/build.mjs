// dist/ and the .vsix.
import { existsSync, readdirSync, statSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensureNodeModules } from './nodeModules.mjs';
import { inRoot, out, root, SetupError } from './project.mjs';
import { runLogged, say } from './run.mjs';

const LARGEST_VSIX = 1.5 * 2 ** 20;

export async function build() {
  const { buildExtension } = await import(pathToFileURL(inRoot('esbuild.mjs')).href);
  return buildExtension();
}

/** Builds when dist/ is not there or older than the source. */
export async function ensureBuilt() {
  await ensureNodeModules();
  const built = inRoot('dist/cli/pins.js');
  const sources = readdirSync(inRoot('src'), { recursive: true }).map((file) => inRoot('src', String(file)));
  const newest = Math.max(
    ...[...sources, inRoot('esbuild.mjs'), inRoot('package-lock.json')].map((file) => statSync(file).mtimeMs),
  );
  if (!existsSync(built) || statSync(built).mtimeMs < newest) await build();
}

/** Packages a folder with a manifest into out/NAME.vsix. */
export async function packageVsix(folder, name) {
  const file = path.join(out, `${name}.vsix`);
  mkdirSync(out, { recursive: true });
  const vsce = inRoot('node_modules/@vscode/vsce/vsce');
  await runLogged(
    `package-${name}`,
    process.execPath,
    [vsce, 'package', '--no-dependencies', '--allow-missing-repository', '--out', file],
    { cwd: folder },
  );
  return file;
}

/** The product: built, packaged, and small. */
export async function packageExtension() {
  say('Building and packaging out/ipfs-kit.vsix');
  await build();
  const file = await packageVsix(root, 'ipfs-kit');
  const { size } = statSync(file);
  if (size > LARGEST_VSIX) throw new SetupError(`out/ipfs-kit.vsix has ${size} bytes; ${LARGEST_VSIX} are allowed.`);
  return file;
}
