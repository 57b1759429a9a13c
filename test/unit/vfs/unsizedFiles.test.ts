import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import * as dagPb from '@ipld/dag-pb';
import { UnixFS } from 'ipfs-unixfs';
import type { CID } from 'multiformats/cid';
import { IpfsKitError } from '../../../src/base/ipfsKitError';
import { savedText } from '../../../src/vfs/editor/savedText';
import type { IpfsFiles, Range } from '../../../src/vfs/ipfsFiles';
import { flatfsSource } from '../../../src/vfs/flatfs';
import { createIpfsFiles } from '../../../src/vfs/ipfsFiles';
import { createVerifiedBlocks } from '../../../src/vfs/verifiedBlocks';
import { writeRepository } from '../../support/ipfsTree';
import { Made } from '../../support/madeBlocks';

interface Message {
  readonly data?: string;
  readonly filesize?: number;
  readonly sizes?: readonly number[];
}

/** A UnixFS file with any fields, since the library always writes every size. All numbers must be below 128. */
function message({ data, filesize, sizes = [] }: Message): Uint8Array {
  return Uint8Array.from([
    ...[0x08, 2],
    ...(data === undefined ? [] : [0x12, data.length, ...Buffer.from(data)]),
    ...(filesize === undefined ? [] : [0x18, filesize]),
    ...sizes.flatMap((size) => [0x20, size]),
  ]);
}

const file = (made: Made, says: Message, parts: readonly CID[]): Promise<CID> =>
  made.put(dagPb.code, dagPb.encode({ Data: message(says), Links: parts.map((Hash) => ({ Name: '', Hash, Tsize: 0 })) }));

async function textOf(files: IpfsFiles, cid: CID, range: Range = {}): Promise<string> {
  const pieces: Uint8Array[] = [];
  try {
    for await (const piece of files.read({ cid: cid.toString(), path: [] }, range)) pieces.push(piece);
  } catch (error) {
    return IpfsKitError.from(error).reason;
  }
  return Buffer.concat(pieces).toString();
}

const sizesOf = async (files: IpfsFiles, cid: CID): Promise<(number | undefined)[]> => {
  const { sizeBytes, statedBytes } = await files.stat({ cid: cid.toString(), path: [] });
  return [sizeBytes, statedBytes];
};

describe('a file whose nodes leave out sizes', () => {
  /** Roots of the file `foobar!`, as Kubo 0.42.0 reads them: the fields of the root, and the expected results. */
  const ROOTS: readonly (readonly [string, Message, number | undefined, number | undefined])[] = [
    ['with its length', { filesize: 7 }, 7, 7],
    ['without any', {}, undefined, undefined],
    ['with a length of 0', { filesize: 0 }, undefined, 0],
    ['with a length that is too short', { filesize: 2 }, 2, 2],
    ['with a length that is too long', { filesize: 99 }, 99, 99],
    ['with fewer sizes than parts', { filesize: 7, sizes: [3] }, 7, 7],
    ['with more sizes than parts', { filesize: 7, sizes: [3, 4, 5] }, 7, 7],
    ['with all sizes, and another length', { filesize: 2, sizes: [3, 4] }, 7, 2],
    ['with all sizes, and no length', { sizes: [3, 4] }, 7, 7],
  ];

  for (const [what, says, sizeBytes, statedBytes] of ROOTS)
    it(`${what} is read in order, from anywhere to anywhere`, async () => {
      const made = new Made();
      const files = made.files();
      const root = await file(made, says, [await made.leaf('foo'), await made.leaf('bar!')]);
      assert.equal(await textOf(files, root), 'foobar!');
      for (let offset = 0; offset < 9; offset++)
        for (let length = 0; length < 9; length++)
          assert.equal(
            await textOf(files, root, { offset, length }),
            'foobar!'.substring(offset, offset + length),
            `${offset}+${length}`,
          );
      assert.deepEqual(await sizesOf(files, root), [sizeBytes, statedBytes]);
    });

  it('is listed without a size, and never with 0', async () => {
    const made = new Made();
    const leaf = await made.leaf('foo');
    const folder = await made.folder([
      ['none', await file(made, {}, [leaf])],
      ['zero', await file(made, { filesize: 0 }, [leaf])],
      ['zeros', await file(made, { filesize: 0, sizes: [0] }, [leaf])],
    ]);
    const { entries } = await made.files().list({ cid: folder.toString(), path: [] }, { offset: 0, limit: 10 });
    assert.deepEqual(
      entries.map(({ type, sizeBytes }) => [type, sizeBytes]),
      Array(3).fill(['file', undefined]),
    );
  });

  it('is read with what its nodes hold themselves before their parts, at every depth', async () => {
    const made = new Made();
    const [foo, bar, none] = [await made.leaf('foo'), await made.leaf('bar!'), await made.leaf('')];
    const inner = await file(made, { data: '<', filesize: 99 }, [none, foo, await file(made, { data: '>' }, [])]);
    const sized = await made.node(new UnixFS({ type: 'file', blockSizes: [3n, 4n], data: Buffer.from('=') }), [
      ['', foo],
      ['', bar],
    ]);
    const root = await file(made, { data: '^' }, [inner, sized, inner]);
    const whole = '^<foo>=foobar!<foo>';
    assert.equal(await textOf(made.files(), root), whole);
    for (let offset = 0; offset < whole.length; offset++)
      assert.equal(await textOf(made.files(), root, { offset, length: 6 }), whole.substring(offset, offset + 6));
  });

  it('ends where nodes without a byte lead to each other forever', async () => {
    const made = new Made();
    let cid = await made.leaf('');
    for (let depth = 0; depth < 8; depth++) cid = await file(made, {}, Array<CID>(100).fill(cid));
    assert.equal(await textOf(made.files(), cid), 'malformed');
  });

  it('is read if the folder states 0 for a raw block, whose own length is shown', async () => {
    const made = new Made();
    const Links = [{ Name: 'a', Hash: await made.leaf('foo'), Tsize: 0 }];
    const folder = await made.put(dagPb.code, dagPb.encode({ Data: new UnixFS({ type: 'directory' }).marshal(), Links }));
    const { entries } = await made.files().list({ cid: folder.toString(), path: [] }, { offset: 0, limit: 10 });
    assert.equal(entries[0]?.sizeBytes, 3);
  });
});

describe('a file whose nodes state wrong sizes', () => {
  const read = async (made: Made, cid: CID, range: Range = {}): Promise<{ text: string; notes: string[] }> => {
    const notes: string[] = [];
    return { text: await textOf(made.files(), cid, { ...range, tellSizes: (note) => notes.push(note) }), notes };
  };

  it('is the same in every range, as Kubo reads it, and the wrong sizes are reported once', async () => {
    const made = new Made();
    const [foo, bar, end] = [await made.leaf('foo'), await made.leaf('bar!'), await made.leaf('end')];
    const inner = await file(made, {}, [foo, bar]);
    const parts: readonly (readonly [string, readonly CID[], ...(readonly number[])[]])[] = [
      ['foobar!', [foo, bar], [0, 0], [0, 4], [3, 0], [4, 3], [2, 4], [1, 1], [99, 99]],
      ['foobar!end', [foo, bar, end], [5, 4, 3], [1, 6, 3]],
      ['foobar!end', [inner, end], [6, 3], [8, 3], [0, 3], [6, 4]],
    ];
    for (const [whole, links, ...stated] of parts)
      for (const sizes of stated) {
        const cid = await file(made, { sizes }, links);
        const { text, notes } = await read(made, cid);
        assert.deepEqual([text, notes.length], [whole, 1], String(sizes));
        assert.match(
          notes[0] ?? '',
          /^The file states wrong sizes: baf\w+ holds \d+ bytes where \d+ are stated\. All were counted\.$/,
        );
        for (let offset = 0; offset <= whole.length; offset++)
          for (const length of [1, 4, 20])
            assert.equal((await read(made, cid, { offset, length })).text, whole.substring(offset, offset + length));
      }
  });

  it('is counted from its first byte where a range far into it finds one, and never gives other bytes', async () => {
    const made = new Made();
    const far = 2 ** 21;
    const links = [await made.leaf('x'.repeat(far)), await made.leaf('foo'), await made.leaf('bar!')].map((cid) => ['', cid] as const); // prettier-ignore
    const root = (...sizes: number[]): Promise<CID> => made.node(new UnixFS({ type: 'file', blockSizes: sizes.map(BigInt) }), links); // prettier-ignore
    const wrong = await root(far + 1, 2, 4);
    assert.equal((await read(made, wrong, { offset: far + 1, length: 2 })).text, 'oo');
    assert.equal((await read(made, await root(far - 1, 3, 5), { offset: far, length: 9 })).text, 'malformed');
    assert.deepEqual(await read(made, await root(far, 3, 4), { offset: far + 1, length: 9 }), { text: 'oobar!', notes: [] });
  });

  it('is read where they are packed into one field, or past what a number holds', async () => {
    const made = new Made();
    const Links = [{ Name: '', Hash: await made.leaf('foo'), Tsize: 0 }, { Name: '', Hash: await made.leaf('bar!'), Tsize: 0 }]; // prettier-ignore
    const huge = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01];
    for (const [message, sizeBytes, noteCount] of [
      [[8, 2, 0x22, 2, 3, 4, 0x18, 7], 7, 0],
      [[8, 2, 0x22, 1, 3, 0x18, 7, 0x22, 1, 4], 7, 0],
      [[8, 2, 0x22, 1, 3, 0x20, 4], 7, 0],
      [[8, 2, 0x18, ...huge, 0x20, 3, 0x20, ...huge], undefined, 0],
    ] as const) {
      const cid = await made.put(dagPb.code, dagPb.encode({ Data: Uint8Array.from(message), Links }));
      const { text, notes } = await read(made, cid);
      assert.deepEqual([text, notes.length, (await sizesOf(made.files(), cid))[0]], ['foobar!', noteCount, sizeBytes]);
    }
  });

  it('is malformed, and never the bytes of its node, where that can’t be read', async () => {
    const made = new Made();
    const node = dagPb.prepare({ Data: Uint8Array.from([8, 2, 0x12, 5, 65]), Links: [] });
    const cid = await made.put(dagPb.code, dagPb.encode(node));
    assert.equal(await textOf(made.files(), cid), 'malformed');
  });
});

describe('a raw block in a folder that states another size', () => {
  const repository = mkdtempSync(path.join(tmpdir(), 'listed-sizes-'));
  after(() => rmSync(repository, { recursive: true, force: true }));

  it('is listed with its own length where it is on this disk, else with the one that the folder states', async () => {
    const made = new Made();
    const [here, gone] = [await made.leaf('hello'), await made.leaf('gone')];
    const Links = [here, gone].map((Hash, index) => ({ Name: `${index}`, Hash, Tsize: 999_999 }));
    const folder = await made.put(dagPb.code, dagPb.encode({ Data: new UnixFS({ type: 'directory' }).marshal(), Links }));
    made.blocks.delete(gone.toString());
    writeRepository(repository, made.blocks);
    const files = createIpfsFiles(createVerifiedBlocks([flatfsSource(repository)]));
    const { entries } = await files.list({ cid: folder.toString(), path: [] }, { offset: 0, limit: 9 });
    assert.deepEqual(entries.map(({ sizeBytes }) => sizeBytes), [5, 999_999]); // prettier-ignore
  });
});

describe('the message about a saved file', () => {
  it('names only what was checked', () => {
    const said = (statedBytes?: number): [string, boolean] => {
      const { text, isWarning } = savedText('a.txt', 1023, { type: 'file', ...(statedBytes !== undefined && { statedBytes }) });
      return [text, isWarning];
    };
    assert.deepEqual(said(), [
      "Saved a.txt (1023 B). Every block was verified by its hash; the root doesn't state a size.",
      false,
    ]);
    assert.deepEqual(said(1023), ['Saved a.txt (1023 B). Every block was verified by its hash, and the size is what the root states.', false]); // prettier-ignore
    assert.deepEqual(said(0), ['Saved a.txt (1023 B). Every block was verified by its hash, but the root states 0 bytes, and 1,023 bytes are below it. Compare it with another copy.', true]); // prettier-ignore
    assert.equal(
      savedText('a.json', 7, { type: 'data' }).text,
      'Saved a.json (7 B), made from a block that was verified by its hash.',
    );
  });
});
