// dist/ and the .vsix.
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
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

/** Builds if dist/ is missing or older than the source. */
export async function ensureBuilt() {
  await ensureNodeModules();
  const built = inRoot('dist/cli/kit.js');
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

/**
 * The product: built, packaged, small, and with only the files that it needs. vsce builds it, by the script `vscode:prepublish`. Its source maps are kept in
 * out/maps.
 */
export async function packageExtension() {
  say('Building and packaging out/ipfs-kit.vsix');
  const file = await packageVsix(root, 'ipfs-kit');
  const { size } = statSync(file);
  if (size > LARGEST_VSIX) throw new SetupError(`out/ipfs-kit.vsix has ${size} bytes; ${LARGEST_VSIX} are allowed.`);
  checkContent(zipEntries(readFileSync(file)));
  keepMaps();
  return file;
}

/** A map for each shipped script, including its sources. */
function keepMaps() {
  const maps = path.join(out, 'maps');
  rmSync(maps, { recursive: true, force: true });
  mkdirSync(maps, { recursive: true });
  for (const script of shippedScripts()) copyFileSync(inRoot('dist', `${script}.map`), path.join(maps, `${script}.map`));
}

const shippedScripts = () => readdirSync(inRoot('dist')).filter((file) => file.endsWith('.js'));

const WANTED = [
  'package.json',
  'media/icon.png',
  'media/ipfs-kit.svg',
  'media/syntaxes/ipfs-markdown.tmLanguage.json',
  'dist/sql-wasm.wasm',
];
const ALSO = ['readme.md', 'changelog.md', 'LICENSE.txt', 'THIRD-PARTY-NOTICES.md'];

const sampleFiles = () =>
  readdirSync(inRoot('media/sample'), { recursive: true })
    .filter((name) => statSync(inRoot('media/sample', name)).isFile())
    .map((name) => `media/sample/${name.replaceAll('\\', '/')}`);

function checkContent(entries) {
  const scripts = shippedScripts().map((file) => `dist/${file}`);
  const wanted = new Set([...WANTED, ...sampleFiles(), ...ALSO, ...scripts].map((file) => `extension/${file}`));
  const found = new Set(entries.filter((file) => file !== 'extension.vsixmanifest' && file !== '[Content_Types].xml'));
  const missing = [...wanted].filter((file) => !found.has(file));
  const more = [...found].filter((file) => !wanted.has(file));
  if (missing.length > 0) throw new SetupError(`out/ipfs-kit.vsix lacks ${missing.join(', ')}. See .vscodeignore.`);
  if (more.length > 0)
    throw new SetupError(`out/ipfs-kit.vsix contains ${more.join(', ')}, which must not ship. See .vscodeignore.`);
}

/** The names in the central directory of a zip file (APPNOTE.TXT 4.3.12 and 4.3.16); vsce writes no comment behind it. */
function zipEntries(bytes) {
  const end = bytes.lastIndexOf('PK\x05\x06', undefined, 'latin1');
  const names = [];
  for (let at = bytes.readUInt32LE(end + 16); names.length < bytes.readUInt16LE(end + 10);) {
    const length = bytes.readUInt16LE(at + 28);
    names.push(bytes.toString('utf8', at + 46, at + 46 + length));
    at += 46 + length + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
  }
  return names;
}
