import { readdirSync } from 'node:fs';
import path from 'node:path';
import Mocha from 'mocha';
import type { ExtensionContext } from 'vscode';
import { hasBridge, post } from './bridge';

interface Result {
  readonly title: string;
  readonly error?: string;
  /** Duration of the test in seconds, without its hooks. */
  readonly seconds?: number;
}

/** Runs only the suites whose file name contains this text. */
const only = process.env['IPFS_KIT_TEST_ONLY'] ?? '';
/** The folder of the suites. Those in `realDaemons` need a real Kubo. */
const suites = process.env['IPFS_KIT_TEST_SUITES'] ?? 'suite';

function runSuites(): Promise<Result[]> {
  const mocha = new Mocha({ ui: 'bdd', timeout: 60_000, forbidPending: true });
  const folder = path.join(__dirname, suites);
  for (const file of readdirSync(folder).sort((a, b) => parseInt(a, 10) - parseInt(b, 10)))
    if (file.endsWith('.test.js') && file.includes(only)) mocha.addFile(path.join(folder, file));
  const results: Result[] = [];
  return new Promise((resolve) => {
    mocha
      .run(() => resolve(results))
      .on('pass', (test) => results.push({ title: test.fullTitle(), seconds: (test.duration ?? 0) / 1000 }))
      .on('fail', (test, error: Error) => results.push({ title: test.fullTitle(), error: error.stack ?? error.message }));
  });
}

/** The entry point in code-server, where this extension is installed beside IPFS Kit. Without a runner it does nothing. */
export function activate({ globalStorageUri }: ExtensionContext): void {
  if (!hasBridge) return;
  process.env['IPFS_KIT_TEST_STORAGE'] = path.dirname(globalStorageUri.fsPath); // that of IPFS Kit is beside it
  const failure = (error: Error): Result[] => [{ title: 'the host suites load', error: error.stack ?? error.message }];
  void Promise.resolve()
    .then(runSuites)
    .catch(failure)
    .then((results) => post('results', results));
}

/** The entry point in desktop VS Code, which @vscode/test-electron calls. */
export async function run(): Promise<void> {
  const results = await runSuites();
  if (results.length === 0) throw new Error('No host suite ran.');
  const failed = results.filter(({ error }) => error !== undefined);
  if (failed.length > 0) throw new Error(failed.map(({ title, error }) => `${title}\n${error ?? ''}`).join('\n\n'));
}
