import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { blockSources } from '../../../src/vfs/blockSources';
import { createIpfsFiles } from '../../../src/vfs/ipfsFiles';
import { createVerifiedBlocks } from '../../../src/vfs/verifiedBlocks';

const sample = path.join(process.cwd(), 'media/sample');
const files = createIpfsFiles(createVerifiedBlocks(blockSources({ sample: path.join(sample, 'content'), gateways: [] })));
const { signal } = new AbortController();
/** The pins whose content the sample has (scripts/sampleContent/make.mjs). */
const FOLDER = 'bafybeiet5fqdrkpdnmexmmgoheuzrribekezeikokfhxoehhcizkg7a5mq';
const FILE = 'QmT78zSuBmuS4z925WZfrqQ1qHaJ56DQaTfyMUF7F8ff5o';
const EMPTY = 'QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nn';

async function bytesOf(cid: string, ...names: string[]): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of files.read({ cid, path: names }, {}, signal)) pieces.push(piece);
  return Buffer.concat(pieces);
}

async function namesIn(cid: string): Promise<string[]> {
  const { entries } = await files.list({ cid, path: [] }, { offset: 0, limit: 10 }, signal);
  return entries.map(({ name }) => name);
}

describe('the sample', () => {
  it('lists the pins whose content it has', () => {
    const database = readFileSync(path.join(sample, 'pins.db'), 'latin1');
    for (const cid of [FOLDER, FILE, EMPTY]) assert.ok(database.includes(cid), cid);
  });

  it('has the content of a folder, a file and an empty folder, readable without a daemon', async () => {
    assert.deepEqual(await namesIn(FOLDER), ['README.md', 'cube.png']);
    assert.match(String(await bytesOf(FOLDER, 'README.md')), /^# Welcome to IPFS Kit\n/);
    assert.equal((await bytesOf(FOLDER, 'cube.png')).toString('latin1', 1, 4), 'PNG');
    assert.equal(String(await bytesOf(FILE)), 'hello world\n');
    assert.deepEqual(await namesIn(EMPTY), []);
  });
});
