// Builds the extension: `node esbuild.mjs` → dist/, and the command lines and unit tests → out/.
//   --dev       readable output
//   --tests     the unit tests too, one bundle each, into out/test/unit
//   --only DIR… with --tests: only the tests whose file name contains this text
import { build, context } from 'esbuild';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = import.meta.dirname ?? path.dirname(fileURLToPath(import.meta.url));
const require = createRequire(import.meta.url);

/** Files of dist/, each with the modules that are loaded together. All except the first are loaded on demand: as a worker, or by import() of a module. */
const BUNDLES = {
  extension: ['src/extension.ts'],
  display: ['src/display.ts'],
  sources: ['src/pinSource/sourceKinds.ts', 'src/pinSource/joinedList.ts', 'src/pinSource/comparedSources.ts'],
  dialogs: ['src/pinTree/dialogs/pinDialogs.ts'],
  daemonCommands: ['src/sourceCommands/sourceCommands.ts', 'src/reaper/editor/daemonActions.ts'],
  content: ['src/vfs/editor/vfs.ts'],
  pinWorker: ['src/pinWorker/pinWorker.ts'],
  daemonLists: ['src/pinWorker/lists/openLive.ts', 'src/pinWorker/lists/openStreamed.ts', 'src/pinWorker/lists/askSizes.ts'],
  historyStore: ['src/history/keepHistory.ts', 'src/history/askHistory.ts'],
  filesReader: ['src/pinWorker/lists/readFiles.ts'],
  arrowReader: ['src/arrow/arrowReader.ts'],
  sqliteReader: ['src/pinStore/sqlite/sqliteReader.ts'],
  parquetReader: ['src/pinStore/parquet/parquetReader.ts'],
  codecs: ['src/base/codecs.ts'],
  vfsWorker: ['src/vfs/vfsWorker.ts'],
  psTreeWorker: ['src/reaper/psTree/psTreeWorker.ts'],
};
/** Files of dist/cli/, by verb; `kit` loads the others. */
const COMMAND_LINE = {
  kit: 'src/cli/kit.ts',
  pins: 'src/cli/pins.ts',
  compare: 'src/cli/compare.ts',
  ls: 'src/cli/ls.ts',
  cat: 'src/cli/cat.ts',
};
/** The bundles that are started directly: the extension, and the files of threads. */
const STARTED = ['extension', 'pinWorker', 'psTreeWorker', 'vfsWorker'];
/** The bundle that contains a module which is loaded by import(), by the name of the module. */
const LAZY = new Map(
  Object.entries(BUNDLES)
    .filter(([bundle]) => !STARTED.includes(bundle))
    .flatMap(([bundle, modules]) => modules.map((module) => [path.basename(module, '.ts'), bundle])),
);

/** import('…/arrowReader') becomes a require of its bundle in `folder`, relative to the bundle of the importer, so that its code isn't in that file too. */
const lazyBundles = (bundles, folder) => ({
  name: `lazy-bundles-${folder}`,
  setup(esbuild) {
    esbuild.onResolve({ filter: /\/(\w+)$/ }, ({ path: wanted, kind }) => {
      const bundle = kind === 'dynamic-import' ? bundles.get(path.posix.basename(wanted)) : undefined;
      return bundle === undefined ? undefined : { path: `${folder}/${bundle}.js`, external: true };
    });
    // The entry of a bundle: everything that its modules export.
    esbuild.onResolve({ filter: /^bundle:/ }, ({ path: entry }) => ({
      path: entry.slice('bundle:'.length),
      namespace: 'bundle',
    }));
    esbuild.onLoad({ filter: /./, namespace: 'bundle' }, ({ path: bundle }) => ({
      contents: BUNDLES[bundle].map((module) => `export * from './${module}';`).join('\n'),
      resolveDir: root,
    }));
  },
});

/**
 * `import * as vscode` has esbuild copy the whole API, hundreds of getters, once for each module that does so: 6 ms of the editor's thread. Each
 * `require('vscode')` has VS Code look for the extension that calls it, so a bundle calls it once, however many modules need it.
 */
const vscodeAsItIs = {
  name: 'vscode-as-it-is',
  setup(esbuild) {
    esbuild.onResolve({ filter: /^vscode$/, namespace: 'file' }, () => ({ path: 'vscode', namespace: 'vscode' }));
    esbuild.onLoad({ filter: /./, namespace: 'vscode' }, () => ({ contents: "module.exports = require('vscode');" }));
    esbuild.onLoad({ filter: /[/\\]src[/\\].*\.ts$/ }, ({ path: file }) => ({
      contents: readFileSync(file, 'utf8').replace(/^import \* as vscode from 'vscode';$/m, "import vscode = require('vscode');"),
      loader: 'ts',
    }));
  },
};

const common = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  logLevel: 'warning',
  legalComments: 'none',
  supported: { 'dynamic-import': false },
  loader: { '.py': 'text', '.wasm': 'binary' },
  external: ['vscode'],
};

const ENTRIES = Object.fromEntries(Object.keys(BUNDLES).map((bundle) => [bundle, `bundle:${bundle}`]));

/** Source maps are always built: the .vsix leaves them out, and a release keeps them beside it. */
const product = (dev) => ({ ...common, minify: !dev, sourcemap: 'linked' });
const extension = (dev) => ({
  ...{ ...product(dev), entryPoints: ENTRIES, outdir: 'dist', metafile: true },
  plugins: [lazyBundles(LAZY, '.'), vscodeAsItIs],
});
const commandLine = (dev) => ({
  ...{ ...product(dev), entryPoints: COMMAND_LINE, outdir: 'dist/cli' },
  plugins: [lazyBundles(new Map(Object.keys(COMMAND_LINE).map((verb) => [verb, verb])), '.'), lazyBundles(LAZY, '..')],
});

export async function buildExtension({ dev = false } = {}) {
  rmSync(path.join(root, 'dist'), { recursive: true, force: true });
  const { metafile } = await build(extension(dev));
  await build(commandLine(dev));
  copyWasm('dist');
  return metafile;
}

/** Builds what an editor runs, and rebuilds it after each change. `.vscode/tasks.json` waits for the lines that it prints. */
export async function watchExtension(outdir = 'dist') {
  const tells = {
    name: 'tells',
    setup(esbuild) {
      esbuild.onStart(() => console.log('[watch] build started'));
      esbuild.onEnd(() => console.log('[watch] build finished'));
    },
  };
  const options = extension(true);
  copyWasm(outdir); // before the watch says that it has finished
  const watching = await context({ ...options, outdir, plugins: [...options.plugins, tells] });
  await watching.watch();
}

/** esbuild may not have made the folder yet. */
function copyWasm(outdir) {
  const folder = path.resolve(root, outdir);
  mkdirSync(folder, { recursive: true });
  copyFileSync(require.resolve('sql.js/dist/sql-wasm.wasm'), path.join(folder, 'sql-wasm.wasm'));
}

export async function buildUnitTests({ only } = {}) {
  const folder = path.join(root, 'test/unit');
  const tests = readdirSync(folder, { recursive: true })
    .map(String)
    .filter((file) => file.endsWith('.test.ts') && (!only || file.includes(only)));
  const outdir = path.join(root, 'out/test/unit');
  rmSync(outdir, { recursive: true, force: true });
  mkdirSync(outdir, { recursive: true });
  await build({
    ...common,
    entryPoints: tests.map((file) => path.join(folder, file)),
    outbase: folder,
    outdir,
    sourcemap: 'linked', // A debugger reads them; Node would read an inline one with each file.
    external: ['vscode', 'esbuild', 'eslint', 'typescript', 'typescript-eslint', 'markdown-it'],
  });
  return tests.map((file) => path.join(outdir, file.replace(/\.ts$/, '.js')));
}

/** The driver extension of the host lane and its suites, a bundle each, so that mocha finds new ones by itself. */
export async function buildHostTests() {
  const folder = path.join(root, 'test/host');
  const suites = ['suite', 'realDaemons'].flatMap((of) =>
    readdirSync(path.join(folder, of)).map((file) => path.join(folder, of, file)),
  );
  rmSync(path.join(folder, 'dist'), { recursive: true, force: true });
  await build({
    ...common,
    entryPoints: [path.join(folder, 'driver.ts'), ...suites],
    outbase: folder,
    outdir: path.join(folder, 'dist'),
    logOverride: { 'require-resolve-not-external': 'silent' },
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const options = { dev: { type: 'boolean' }, tests: { type: 'boolean' }, only: { type: 'string' } };
  const { values } = parseArgs({ options });
  if (values.tests) for (const file of await buildUnitTests({ only: values.only })) console.log(file);
  else await buildExtension({ dev: values.dev });
}
