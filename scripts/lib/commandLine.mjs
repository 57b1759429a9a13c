import { spawnSync } from 'node:child_process';
import { ensureBuilt } from './build.mjs';
import { inRoot, main } from './project.mjs';

/** Runs the command line with these arguments, and exits with the same status. Builds it first if it is missing or older than its source. */
export async function commandLine(args) {
  const run = async () => {
    await ensureBuilt();
    const { status } = spawnSync(process.execPath, [inRoot('dist/cli/kit.js'), ...args], { stdio: 'inherit' });
    process.exitCode = status ?? 1;
  };
  await main(run, { ownHelp: true });
}
