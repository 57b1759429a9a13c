import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, it } from 'node:test';
import { createVfsThread } from '../../../src/vfs/vfsThread';
import { startBlockGateway } from '../../support/blockGateway';
import { growthOf, measureGrowth, scenarioHere } from '../../support/growth';
import { importTree } from '../../support/ipfsTree';
import { assertSteady, MB } from '../../support/repeatedListing';
import { SHARE } from '../../support/rounds';
import { needs } from '../../support/needs';

interface Scenario {
  readonly cycles: number;
  readonly url: string;
  readonly cid: string;
  readonly files: number;
}

/** The requests that opening rows and documents sends to the thread, in order. Every tenth one is for other content, and some are canceled at once. */
function open({ cycles, url, cid, files }: Scenario): void {
  const thread = createVfsThread(path.join(process.cwd(), 'dist/vfsWorker.js'));
  void measureGrowth(cycles, {
    cycle: async (at) => {
      const sources = { gateways: [`${url}${'/'.repeat(Math.floor(at / 10) % 2)}`] };
      const file = { cid, path: [`file-${at % files}.bin`] };
      const ended = new AbortController();
      const late = thread.request('stat', { sources, at: file }, { signal: ended.signal }).catch(() => undefined);
      if (at % 3 === 0) ended.abort();
      const [{ entries }, bytes] = await Promise.all([
        thread.request('list', { sources, at: { cid, path: [] }, offset: 0, limit: 500 }),
        thread.request('read', { sources, at: file, most: MB }),
        late,
      ]);
      assert.deepEqual([entries.length, bytes.length], [files, 5000]);
    },
    counts: async () => ({ files: (await thread.request('inspect', undefined)).loaded.length }),
  });
}

const scenario = scenarioHere() as Scenario | undefined;
if (scenario) open(scenario);
else
  describe('content that is opened over and over leaves nothing behind', needs('/proc'), () => {
    it('folders and files', async () => {
      const files = 40;
      const tree = await importTree(
        Array.from({ length: files }, (_, at) => ({ path: `file-${at}.bin`, content: Buffer.alloc(5000, at + 1) })),
      );
      const gateway = await startBlockGateway(tree.blocks);
      try {
        const asked: Scenario = { cycles: 3000 * SHARE, url: gateway.url, cid: tree.root.toString(), files };
        assertSteady(await growthOf(__filename, asked), MB);
      } finally {
        await gateway.stop();
      }
    });
  });
