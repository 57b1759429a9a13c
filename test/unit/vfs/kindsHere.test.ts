import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import type { ContentSources } from '../../../src/vfs/blockSources';
import { createVfsThread } from '../../../src/vfs/vfsThread';
import { startBlockGateway } from '../../support/blockGateway';
import { testFolder } from '../../support/folder';
import { blockFile, importTree, writeRepository } from '../../support/ipfsTree';

/** A folder and a file whose content the sample has (scripts/sampleContent/make.mjs). */
const SAMPLE_FOLDER = 'bafybeiet5fqdrkpdnmexmmgoheuzrribekezeikokfhxoehhcizkg7a5mq';
const SAMPLE_FILE = 'QmT78zSuBmuS4z925WZfrqQ1qHaJ56DQaTfyMUF7F8ff5o';

describe('the kinds of pins', () => {
  it('of the sample are those of its blocks, without any repository', async () => {
    const thread = createVfsThread(path.join(process.cwd(), 'dist/vfsWorker.js'));
    const sample = path.join(process.cwd(), 'media/sample/content');
    try {
      const kindsIn = async (sources: ContentSources): Promise<unknown[]> => {
        const kinds = await thread.request('kindsHere', { sources, cids: [SAMPLE_FOLDER, SAMPLE_FILE] });
        return [kinds.get(SAMPLE_FOLDER)?.isFile, kinds.get(SAMPLE_FILE)?.isFile];
      };
      assert.deepEqual(await kindsIn({ gateways: [] }), [undefined, undefined]);
      assert.deepEqual(await kindsIn({ sample, gateways: [] }), [false, true]);
    } finally {
      await thread.dispose();
    }
  });

  it('are those of the blocks on this disk: other sources are not asked, and damaged blocks tell nothing', async () => {
    const tree = await importTree([
      { path: 'picture', content: readFileSync('media/icon.png') },
      { path: 'notes', content: Buffer.from('Only text.\n') },
      { path: 'elsewhere', content: Buffer.from('not on this disk') },
      { path: 'damaged', content: Buffer.from('{"a":1}') },
    ]);
    const folder = testFolder('kinds');
    const cidOf = (name: string): string => tree.cids.get(name)?.toString() ?? '';
    const fileOf = (name: string): string => blockFile(folder, tree.cids.get(name) ?? tree.root);
    writeRepository(folder, tree.blocks);
    rmSync(fileOf('elsewhere'));
    writeFileSync(fileOf('damaged'), '{"b":1}');
    const gateway = await startBlockGateway(tree.blocks);
    const thread = createVfsThread(path.join(process.cwd(), 'dist/vfsWorker.js'));
    try {
      const names = ['', 'picture', 'notes', 'elsewhere', 'damaged'];
      const sources = { repository: folder, gateways: [gateway.url] };
      const kinds = await thread.request('kindsHere', { sources, cids: [...names.map(cidOf), '../../etc/passwd'] });
      assert.deepEqual(
        names.map((name) => kinds.get(cidOf(name))),
        [{ isFile: false, ending: undefined }, { isFile: true, ending: '.png' }, { isFile: true, ending: undefined }, undefined, undefined], // prettier-ignore
      );
      assert.equal(kinds.size, 3);
      assert.deepEqual(gateway.asked, []);
    } finally {
      await thread.dispose();
      await gateway.stop();
    }
  });
});
