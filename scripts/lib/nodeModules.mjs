// The project's own packages, from its lock file.
import { existsSync, readFileSync } from 'node:fs';
import { inRoot, once, SetupError } from './project.mjs';
import { npm, runLogged, say } from './run.mjs';

/** For scripts that install nothing. */
export function needNodeModules() {
  if (!existsSync(inRoot('node_modules/esbuild'))) throw new SetupError('Run `npm ci` first.');
}

export async function ensureNodeModules() {
  const [major] = process.versions.node.split('.').map(Number);
  if (major < 20) throw new SetupError(`Node ${process.versions.node} is too old: IPFS Kit needs Node 20 or later.`);
  const stamp = inRoot('node_modules/.ipfs-kit');
  await once(stamp, [readFileSync(inRoot('package-lock.json'), 'utf8')], async () => {
    say('Installing the packages of package-lock.json into node_modules (npm ci, about 280 MB)');
    const [command, args] = npm(['ci', '--ignore-scripts', '--no-audit', '--no-fund']);
    await runLogged('npm-ci', command, args, { advice: 'Is the npm registry reachable? See `npm config get registry`.' });
  });
  if (!existsSync(inRoot('node_modules/esbuild'))) throw new SetupError('node_modules is incomplete. Delete it and run again.');
}
