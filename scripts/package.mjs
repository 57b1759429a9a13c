// `npm run package`: out/ipfs-kit.vsix, and the source maps of what is in it, in out/maps.
import { statSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { packageExtension } from './lib/build.mjs';
import { ensureNodeModules } from './lib/nodeModules.mjs';
import { main } from './lib/project.mjs';

await main(async () => {
  parseArgs({ options: {} });
  await ensureNodeModules();
  const file = await packageExtension();
  console.log(`${file} (${(statSync(file).size / 2 ** 20).toFixed(2)} MB)`);
});
