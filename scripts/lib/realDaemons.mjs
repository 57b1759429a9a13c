// Kubo and IPFS Cluster, built from source with Go ≥ 1.26.4 (some minutes, 2 GB of Go's caches, the first time).
import { build } from 'esbuild';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { cache, inRoot, out, root, SetupError } from './project.mjs';
import { say } from './run.mjs';

/** Not named ipfs: ipfs_kit_py ends every process of that name. */
const DAEMONS = {
  kubo: { title: 'Kubo', program: 'github.com/ipfs/kubo/cmd/ipfs' },
  cluster: { title: 'IPFS Cluster', program: 'github.com/ipfs-cluster/ipfs-cluster/cmd/ipfs-cluster-service' },
};
/** The installed toolchain, without C, and without the user's flags. */
const GO_ENV = { ...process.env, GOTOOLCHAIN: 'local', CGO_ENABLED: '0', GOFLAGS: '' };

/** A daemon, cached by the sources that it is built from. */
export function ensureDaemon(name) {
  const { title, program } = DAEMONS[name];
  const module = inRoot('test/realDaemons/go', name);
  const key = createHash('sha256').update(readFileSync(path.join(module, 'go.mod'))).update(readFileSync(path.join(module, 'go.sum'))).digest('hex').slice(0, 16); // prettier-ignore
  const binary = path.join(cache, 'peers', key, `${name}-peer`);
  if (existsSync(binary)) return binary;
  say(`Building ${title} with Go (some minutes)`);
  mkdirSync(path.dirname(binary), { recursive: true });
  const fresh = `${binary}.new`;
  try {
    execFileSync('go', ['build', '-trimpath', '-ldflags=-s -w', '-o', fresh, program], { cwd: module, env: GO_ENV, stdio: ['ignore', 'inherit', 'inherit'] }); // prettier-ignore
  } catch (error) {
    throw new SetupError(
      error.code === 'ENOENT'
        ? 'Go was not found. Install Go 1.26.4 or newer (https://go.dev/dl), then try again.'
        : `${title} couldn't be built; see Go's output above.`,
    );
  }
  renameSync(fresh, binary);
  return binary;
}

/** test/realDaemons/realKubo.ts, for scripts. */
export async function realKuboTools() {
  process.env.IPFS_KIT_TEST_KUBO = ensureDaemon('kubo');
  const outfile = path.join(out, 'test/realDaemons/realKubo.mjs');
  const options = { bundle: true, platform: 'node', format: 'esm', target: 'node20', logLevel: 'warning' };
  await build({ absWorkingDir: root, entryPoints: ['test/realDaemons/realKubo.ts'], outfile, ...options });
  return import(pathToFileURL(outfile).href);
}
