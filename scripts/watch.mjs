// `npm run watch`: builds what an editor runs, readable, and builds it again after each change until the process is ended. It installs nothing.
//   --out FOLDER   into this folder instead of dist/
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { needNodeModules } from './lib/nodeModules.mjs';
import { inRoot, main } from './lib/project.mjs';

await main(async () => {
  const { values } = parseArgs({ options: { out: { type: 'string' } } });
  needNodeModules();
  const { watchExtension } = await import(pathToFileURL(inRoot('esbuild.mjs')).href);
  await watchExtension(values.out);
});
