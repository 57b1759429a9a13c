// `npm run build`: dist/. `npm pack` and vsce run it, too.
import { parseArgs } from 'node:util';
import { build } from './lib/build.mjs';
import { ensureNodeModules } from './lib/nodeModules.mjs';
import { main } from './lib/project.mjs';

await main(async () => {
  parseArgs({ options: {} });
  await ensureNodeModules();
  await build();
});
