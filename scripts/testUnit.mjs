// `npm run test:unit`: builds, and runs the unit tests by `node --test`. It installs nothing.
//   --only TEXT   only the files whose name contains this; what follows `--` goes to `node --test`
// Tests that need the Python environment of `npm test` are left out, and named, if it is missing.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from './lib/build.mjs';
import { needNodeModules } from './lib/nodeModules.mjs';
import { inRoot, main, root, SetupError } from './lib/project.mjs';
import { readyPython } from './lib/python.mjs';

await main(async () => {
  const at = process.argv.indexOf('--', 2);
  const [own, others] = at < 0 ? [process.argv.slice(2), []] : [process.argv.slice(2, at), process.argv.slice(at + 1)];
  const { values } = parseArgs({ args: own, options: { only: { type: 'string' } } });
  needNodeModules();
  await build();
  const { buildUnitTests } = await import(pathToFileURL(inRoot('esbuild.mjs')).href);
  const files = await buildUnitTests(values);
  const python = readyPython();
  const needsPython = (file) => python === undefined && readFileSync(file, 'utf8').includes('IPFS_KIT_TEST_PYTHON');
  const run = files.filter((file) => !needsPython(file));
  const leftOut = files.filter(needsPython).map((file) => path.basename(file, '.test.js'));
  const named = `Not run: ${leftOut.length} of ${files.length} files need Python, which \`npm test -- --lane unit\` sets up: ${leftOut.join(', ')}`;
  if (run.length === 0) throw new SetupError(leftOut.length > 0 ? named : 'No test file has this text in its name.');
  const { status } = spawnSync(process.execPath, ['--test', ...others, ...run], {
    ...{ cwd: root, stdio: 'inherit' },
    env: { ...process.env, ...(python !== undefined && { IPFS_KIT_TEST_PYTHON: python }) },
  });
  if (leftOut.length > 0) console.log(`\n${named}`);
  process.exitCode = status ?? 1;
});
