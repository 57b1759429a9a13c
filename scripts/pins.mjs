// `npm run pins`: the engine on the command line. Builds it first when it is not there or older than its source.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { ensureBuilt } from './lib/build.mjs';
import { main, root } from './lib/project.mjs';

await main(async () => {
  await ensureBuilt();
  const { status } = spawnSync(process.execPath, [path.join(root, 'dist/cli/pins.js'), ...process.argv.slice(2)], {
    stdio: 'inherit',
  });
  process.exitCode = status ?? 1;
});
