import { spawnSync } from 'node:child_process';
import { ensureBuilt } from './build.mjs';
import { inRoot, main } from './project.mjs';

/** Runs the command line with these arguments, and ends as it ends; it is built first when it is not there or older than its source. */
export async function commandLine(args) {
  const run = async () => {
    await ensureBuilt();
    const { status } = spawnSync(process.execPath, [inRoot('dist/cli/kit.js'), ...args], { stdio: 'inherit' });
    process.exitCode = status ?? 1;
  };
  await main(run, { ownHelp: true });
}
