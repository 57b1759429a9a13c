// A real Kubo of many pins, in a repository that is created once and kept.
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import path from 'node:path';
import { fileURLToPath, URLSearchParams } from 'node:url';
import { ensureDaemon, realKuboTools } from './realDaemons.mjs';
import { cache, temporaryFolder } from './project.mjs';
import { say } from './run.mjs';

const AT_ONCE = 500;

/** Its daemon isn't running yet. Each pin has a name, except for the empty folder, which every repository pins. */
export async function kuboOfPins(count) {
  const { createRealKubo } = await realKuboTools();
  const made = [String(count), ensureDaemon('kubo'), readFileSync(fileURLToPath(import.meta.url))];
  const key = made.reduce((hash, each) => hash.update(each), createHash('sha256')).digest('hex').slice(0, 16); // prettier-ignore
  const repository = path.join(cache, 'kubo-pins', key);
  if (!existsSync(repository)) {
    say(`Pinning ${count.toLocaleString('en-US')} times in a Kubo (a minute; kept for later runs)`);
    // Kubo syncs its datastore with each pin: in memory that costs nothing.
    const { folder, remove } = temporaryFolder('kubo-', ['/dev/shm'].find(existsSync));
    const kubo = createRealKubo(folder);
    try {
      await kubo.start();
      for (let from = 1; from < count; from += AT_ONCE) await pin(kubo.rpc(), from, Math.min(count, from + AT_ONCE));
    } finally {
      await kubo.stop();
    }
    mkdirSync(path.dirname(repository), { recursive: true });
    cpSync(folder, `${repository}.new`, { recursive: true });
    renameSync(`${repository}.new`, repository);
    remove();
  }
  for (const left of ['api', 'gateway', 'repo.lock']) rmSync(path.join(repository, left), { force: true });
  return createRealKubo(repository);
}

/** Content that is contained in its CID, which has the usual length: nothing has to be stored for it. */
async function pin(rpc, from, end) {
  const { CID } = await import('multiformats/cid');
  const { identity } = await import('multiformats/hashes/identity');
  const RAW = 0x55;
  const query = new URLSearchParams({ name: `pin number ${from}` });
  for (let at = from; at < end; at++) {
    const content = Buffer.from(`the pin of this number: ${String(at).padStart(8, '0')}`);
    query.append('arg', CID.create(1, RAW, identity.digest(content)).toString());
  }
  await new Promise((resolve, reject) => {
    const asked = request(`${rpc}/api/v0/pin/add?${query}`, { method: 'POST', agent: false }, (answer) => {
      answer.resume().once('end', () => (answer.statusCode === 200 ? resolve() : reject(new Error(`pin/add: ${answer.statusCode}`)))); // prettier-ignore
    });
    asked.once('error', reject).end();
  });
}
