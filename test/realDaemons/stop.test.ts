import assert from 'node:assert/strict';
import { createReadStream, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { kuboAccess } from '../../src/daemonClient/kubo/kuboRepository';
import { kuboHolder, kubosAmong } from '../../src/reaper/kubo/kuboProcess';
import { stopKubo } from '../../src/reaper/kubo/stopKubo';
import { createRealKubo } from './realKubo';
import { addedTo } from './sourcePins';

describe('a real Kubo that is stopped while it writes', () => {
  const kubo = createRealKubo();
  let pinned = '';

  before(async () => {
    pinned = addedTo(kubo, 'there before', 300_000);
    await kubo.start();
  });
  after(() => kubo.remove());

  it('is recognized by the lock on its repository, regardless of its name', async () => {
    const holder = await kuboHolder(kubo.repository);
    assert.equal(holder.state, 'ours');
    const { pid } = holder.proven.row;
    const named = { pid, argv: [] };
    assert.deepEqual([...(await kubosAmong([named, { pid: process.pid, argv: [] }]))], [named]);
  });

  it('leaves by itself, is not killed, and its repository opens again with all that it had', async () => {
    const access = kuboAccess(kubo.repository);
    assert.ok(access);
    const big = path.join(kubo.repository, 'big');
    writeFileSync(big, Buffer.alloc(200 * 2 ** 20, 'not all the same '));
    const boundary = 'x'.repeat(32);
    const adding = request(`${kubo.rpc()}/api/v0/add?pin=false&chunker=size-4096`, {
      method: 'POST',
      headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
    });
    const isWriting = new Promise<void>((resolve, reject) => {
      adding.once('response', (answer) => {
        answer.once('data', () => resolve());
        answer.resume().once('error', () => undefined);
      });
      adding.once('error', reject);
    });
    adding.write(`--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="big"\r\n\r\n`);
    createReadStream(big).pipe(adding);
    await isWriting; // Kubo reports progress for what it has written.
    isWriting.catch(() => undefined);
    adding.on('error', () => undefined); // The connection is closed when Kubo exits.

    const result = await stopKubo({ access, repository: kubo.repository });
    assert.deepEqual([result.ok, result.killed.length, result.forced], [true, 1, []], result.summary);
    const [entry] = result.processes;
    assert.deepEqual([entry?.outcome, entry?.signals], ['exited', []]);
    assert.equal(result.summary, 'The Kubo daemon is stopped. Ended 1 process.');

    assert.match(kubo.run('pin', 'ls', '--type=recursive', '--quiet'), new RegExp(`^${pinned}$`, 'm'));
    assert.match(kubo.run('repo', 'verify'), /verify complete/i);
    assert.equal(kubo.run('cat', pinned).length, 300_000);
  });
});
