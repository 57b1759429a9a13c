import { spawnSync } from 'node:child_process';
import { ensureBuilt } from './build.mjs';
import { inRoot, main } from './project.mjs';

/**
 * Runs the command line with these arguments, and exits with the same status. Builds it first if it is missing or older than its source. npm runs a script in
 * the folder of its package, and names the folder that it was started in by INIT_CWD: relative paths start there.
 */
export async function commandLine(args) {
  const run = async () => {
    await ensureBuilt();
    const cwd = process.env.npm_package_name === 'ipfs-kit' ? process.env.INIT_CWD : undefined;
    const { status } = spawnSync(process.execPath, [inRoot('dist/cli/kit.js'), ...args], { cwd, stdio: 'inherit' });
    process.exitCode = status ?? 1;
  };
  await main(run, { ownHelp: true });
}
