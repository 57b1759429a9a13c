// `npm run test:peers`: pins and their content beside a real Kubo and a real IPFS Cluster, which are built from source with Go ≥ 1.26.4
// (some minutes, 2 GB of Go's caches, the first time).
// Ends with the line "N passed, N failed". Without Go, or where the build breaks, it fails: it was asked for.
import { build } from 'esbuild';
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import path from 'node:path';
import { ensureBuilt } from './lib/build.mjs';
import { loopbackAloneCommand } from './lib/namespace.mjs';
import { ensureNodeModules } from './lib/nodeModules.mjs';
import { cache, inRoot, main, out, root, SetupError } from './lib/project.mjs';
import { say } from './lib/run.mjs';

/** Not named ipfs: ipfs_kit_py ends every process of that name. */
const PEERS = {
  kubo: { title: 'Kubo', program: 'github.com/ipfs/kubo/cmd/ipfs' },
  cluster: { title: 'IPFS Cluster', program: 'github.com/ipfs-cluster/ipfs-cluster/cmd/ipfs-cluster-service' },
};
/** The toolchain that is there, no C, and no flags of the user's. */
const GO_ENV = { ...process.env, GOTOOLCHAIN: 'local', CGO_ENABLED: '0', GOFLAGS: '' };

/** A peer, in a cache by what it is built from. */
function ensurePeer(name) {
  const { title, program } = PEERS[name];
  const module = inRoot('test/peers/go', name);
  const key = createHash('sha256').update(readFileSync(path.join(module, 'go.mod'))).update(readFileSync(path.join(module, 'go.sum'))).digest('hex').slice(0, 16); // prettier-ignore
  const peer = path.join(cache, 'peers', key, `${name}-peer`);
  if (existsSync(peer)) return peer;
  say(`Building ${title} with Go (some minutes)`);
  mkdirSync(path.dirname(peer), { recursive: true });
  const fresh = `${peer}.new`;
  try {
    execFileSync('go', ['build', '-trimpath', '-ldflags=-s -w', '-o', fresh, program], { cwd: module, env: GO_ENV, stdio: ['ignore', 'inherit', 'inherit'] }); // prettier-ignore
  } catch (error) {
    throw new SetupError(
      error.code === 'ENOENT'
        ? 'Go was not found. Install Go 1.26.4 or newer (https://go.dev/dl), then run npm run test:peers again.'
        : `${title} could not be built; what Go says is above.`,
    );
  }
  renameSync(fresh, peer);
  return peer;
}

await main(async () => {
  await ensureNodeModules();
  const [kubo, cluster] = [ensurePeer('kubo'), ensurePeer('cluster')];
  await ensureBuilt();
  const folder = inRoot('test/peers');
  const outdir = path.join(out, 'test/peers');
  const tests = readdirSync(folder).filter((file) => file.endsWith('.test.ts'));
  await build({
    absWorkingDir: root,
    entryPoints: tests.map((file) => path.join(folder, file)),
    outdir,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    sourcemap: 'inline',
    logLevel: 'warning',
  });
  const files = tests.map((file) => path.join(outdir, file.replace(/\.ts$/, '.js')));
  // IPFS Cluster looks for a router that forwards ports, and no setting keeps it from that.
  const [program, ...options] = [...(loopbackAloneCommand() ?? []), process.execPath, '--test', '--test-reporter=spec'];
  const { stdout, status } = spawnSync(program, [...options, ...files], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, IPFS_KIT_TEST_KUBO: kubo, IPFS_KIT_TEST_CLUSTER: cluster },
  });
  console.log(stdout);
  const count = (what) => Number(new RegExp(`^ℹ ${what} (\\d+)$`, 'm').exec(stdout)?.[1] ?? 0);
  const [passed, failed] = [count('pass'), count('fail') + count('cancelled') + count('skipped') + count('todo')];
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = passed > 0 && failed === 0 ? (status ?? 1) : 1;
});
