// `npm run package`: out/ipfs-kit.vsix.
import { statSync } from 'node:fs';
import { packageExtension } from './lib/build.mjs';
import { ensureNodeModules } from './lib/nodeModules.mjs';
import { main } from './lib/project.mjs';

await main(async () => {
  await ensureNodeModules();
  const file = await packageExtension();
  console.log(`${file} (${(statSync(file).size / 2 ** 20).toFixed(2)} MB)`);
});
