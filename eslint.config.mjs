import js from '@eslint/js';
import tseslint from 'typescript-eslint';
import { safeSinks } from './scripts/lint/safeSinks.mjs';

// Loaded on demand and in one place each, so that nothing heavy is loaded before a daemon or a database has responded.
const HEAVY = [
  'apache-arrow',
  'sql.js',
  'hyparquet*',
  '@foxglove/*',
  'zstddec',
  'ps-tree',
  'multiformats',
  '@ipld/*',
  'ipfs-unixfs*',
];
const heavy = { group: HEAVY, message: 'Heavy: only its own lazy bundle may import it.', allowTypeImports: true };
const lazyBundle = {
  group: [
    '**/arrowReader',
    '**/readKuboPins',
    '**/readClusterPins',
    '**/readServicePins',
    '**/readFiles',
    '**/keepHistory',
    '**/askHistory',
    '**/sqliteReader',
    '**/parquetReader',
    '**/codecs',
    '**/pinWorker/pinWorker',
    '**/display',
    '**/dialogs/pinDialogs',
    '**/sourceCommands/sourceCommands',
    '**/editor/daemonActions',
    '**/psTreeWorker',
    '**/vfsWorker',
    '**/editor/vfs',
    '**/vfs/ipfs*',
    '**/vfs/unixfs*',
  ],
  message: 'Loaded on demand: use import() where it is first needed.',
  allowTypeImports: true,
};
/** The command line has one bundle for each verb, and needs the sources at once. */
const sourceKinds = {
  group: ['**/sourceKinds'],
  message: 'The editor loads it with the first list: use import().',
  allowTypeImports: true,
};
const vscodeApi = { group: ['vscode'], message: 'This room is plain Node: pass in what it needs.', allowTypeImports: false };

const tls = {
  group: ['tls', 'node:tls', 'https', 'node:https', 'http2', 'node:http2'],
  message: 'Only tlsRequest.ts opens TLS, so that trust is decided in one place.',
  allowTypeImports: true,
};

const restrict = (...patterns) => ({ '@typescript-eslint/no-restricted-imports': ['error', { patterns }] });

export default tseslint.config(
  { ignores: ['**/dist/', 'out/', '.cache/', 'node_modules/', 'test/fixtures/'] },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { project: 'tsconfig.json', tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'separate-type-imports' }],
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/no-confusing-void-expression': 'off', // `return done()` in a callback reads well
      'no-restricted-syntax': [
        'error',
        { selector: 'ExportDefaultDeclaration', message: 'Name what you export.' },
        { selector: 'ExportAllDeclaration', message: 'No barrels: import from the file that defines it.' },
      ],
      'no-restricted-properties': [
        'error',
        { property: 'toLocaleString', message: 'Its first call loads ICU and blocks for at least 15 ms: use withCommas.' },
      ],
      eqeqeq: 'error',
      'no-console': 'error',
    },
  },
  { files: ['src/**/*.ts'], rules: restrict(heavy, lazyBundle, sourceKinds, tls, vscodeApi) },
  { files: ['src/cli/*.ts'], rules: restrict(heavy, lazyBundle, tls, vscodeApi) },
  { files: ['src/daemonClient/tlsRequest.ts'], rules: restrict(heavy, lazyBundle, sourceKinds, vscodeApi) },
  {
    files: ['src/**/*.ts'],
    ignores: ['src/cli/*.ts'], // programs without an editor
    plugins: { house: { rules: { 'safe-sinks': safeSinks } } },
    rules: { 'house/safe-sinks': 'error' },
  },
  {
    files: [
      'src/extension.ts',
      'src/display.ts',
      'src/logChannel.ts',
      'src/settings.ts',
      'src/statusBar.ts',
      'src/commands.ts',
      'src/pinTree/**/*.ts',
      'src/reaper/editor/*.ts',
      'src/vfs/editor/*.ts',
      'src/sourceCommands/*.ts',
    ],
    rules: restrict(heavy, lazyBundle, sourceKinds, tls),
  },
  {
    files: [
      'src/base/codecs.ts',
      'src/arrow/*.ts',
      'src/pinStore/sqlite/*.ts',
      'src/pinStore/parquet/*.ts',
      'src/reaper/psTree/psTreeWorker.ts',
      'src/vfs/*.ts',
      'src/pinWorker/lists/readFiles.ts',
      'src/cli/{content,ls,cat}.ts',
    ],
    ignores: ['src/vfs/protocol.ts', 'src/vfs/vfsThread.ts'],
    rules: restrict(tls, vscodeApi),
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      '@typescript-eslint/no-floating-promises': [
        'error',
        { allowForKnownSafeCalls: [{ from: 'package', name: ['describe', 'it', 'test'], package: 'node:test' }] },
      ],
    },
  },
  {
    files: ['scripts/opener/*.js'],
    languageOptions: { sourceType: 'commonjs', globals: { require: 'readonly', exports: 'writable' } },
  },
  {
    files: ['**/*.mjs'],
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        Buffer: 'readonly',
        URL: 'readonly',
        fetch: 'readonly',
        performance: 'readonly',
        AbortSignal: 'readonly',
        AbortController: 'readonly',
        setTimeout: 'readonly',
        clearTimeout: 'readonly',
        setInterval: 'readonly',
        clearInterval: 'readonly',
      },
    },
    rules: { eqeqeq: 'error' },
  },
);
