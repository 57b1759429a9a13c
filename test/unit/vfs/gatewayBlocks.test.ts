import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import { IpfsKitError } from '../../../src/base/ipfsKitError';
import { flatfsSource } from '../../../src/vfs/flatfs';
import { gatewaySource } from '../../../src/vfs/gatewayBlocks';
import { createIpfsFiles } from '../../../src/vfs/ipfsFiles';
import { createVerifiedBlocks } from '../../../src/vfs/verifiedBlocks';
import type { BlockGateway, Send } from '../../support/blockGateway';
import { startBlockGateway } from '../../support/blockGateway';
import type { ImportedTree } from '../../support/ipfsTree';
import { importTree, writeRepository } from '../../support/ipfsTree';
import { Made } from '../../support/madeBlocks';

const signal = new AbortController().signal;
const CONTENT = Buffer.from(Array.from({ length: 600_000 }, (_, at) => (at * 13) % 253));

async function read(
  gateway: BlockGateway,
  cid: string,
  { blockMs = 2000, signal = new AbortController().signal } = {},
): Promise<Buffer> {
  const blocks = createVerifiedBlocks([gatewaySource(gateway.url)], { blockMs, atOnce: 4, cacheBytes: 1e8 });
  const pieces: Uint8Array[] = [];
  for await (const piece of createIpfsFiles(blocks).read({ cid, path: ['file.bin'] }, {}, signal)) pieces.push(piece);
  return Buffer.concat(pieces);
}

describe('a gateway', () => {
  let tree: ImportedTree;
  let gateway: BlockGateway;
  let root: string;
  before(async () => {
    tree = await importTree([{ path: 'file.bin', content: CONTENT }]);
    root = tree.root.toString();
  });
  afterEach(() => gateway.stop());

  const failing = async (send: Send, options?: Parameters<typeof read>[2]): Promise<IpfsKitError> => {
    gateway = await startBlockGateway(tree.blocks, send);
    const outcome = await read(gateway, root, options).catch((error: unknown) => error);
    assert.ok(IpfsKitError.is(outcome), `not an error of ours: ${String(outcome)}`);
    assert.ok(outcome.message.includes(gateway.url), outcome.message);
    return outcome;
  };
  const answer =
    (status: number, headers: Record<string, string | number>, body: string | Uint8Array = ''): Send =>
    (response: ServerResponse) => {
      response.writeHead(status, headers).end(body);
    };

  it('gives what was imported, asking for each block once', async () => {
    gateway = await startBlockGateway(tree.blocks);
    assert.deepEqual(await read(gateway, root), CONTENT);
    assert.equal(new Set(gateway.asked).size, gateway.asked.length);
    assert.equal(gateway.asked.length, 5, 'the folder, the file, three leaves');
  });

  it('that turns over one bit of one block is a mismatch', async () => {
    let count = 0;
    const { reason } = await failing((response, bytes) => {
      const sent = Buffer.from(bytes);
      if (++count === 4) sent[100] = (sent[100] ?? 0) ^ 4;
      response.end(sent);
    });
    assert.equal(reason, 'mismatch');
  });

  it('that is cut off is reported as such', async () => {
    const { reason } = await failing((response, bytes) => {
      response.writeHead(200, { 'content-length': bytes.length });
      response.write(bytes.subarray(0, bytes.length >> 1), () => response.destroy());
    });
    assert.equal(reason, 'truncated');
  });

  it('that ends too soon without saying so is a mismatch', async () => {
    const { reason } = await failing((response, bytes) => void response.end(bytes.subarray(0, bytes.length - 1)));
    assert.equal(reason, 'mismatch');
  });

  it('that announces more bytes than a block may have is not read', async () => {
    assert.equal((await failing(answer(200, { 'content-length': 1e9 }, 'x'))).reason, 'too-large');
  });

  it('that sends without end is cut off', async () => {
    const { reason } = await failing((response) => {
      const more = (): void => {
        if (!response.destroyed) response.write(Buffer.alloc(65_536), more);
      };
      more();
    });
    assert.equal(reason, 'too-large');
  });

  it('that never responds is given up in time', async () => {
    assert.equal((await failing(() => undefined, { blockMs: 200 })).reason, 'timeout');
  });

  it('that sends somewhere else is not followed', async () => {
    const elsewhere = await startBlockGateway(tree.blocks);
    const { reason } = await failing((response, _bytes, cid) => {
      response.writeHead(302, { location: `${elsewhere.url}/ipfs/${cid}?format=raw` }).end();
    });
    await elsewhere.stop();
    assert.deepEqual([reason, elsewhere.asked.length], ['foreign', 0]);
  });

  it('at localhost that redirects to the subdomain of a CID is followed there, and nowhere else', async () => {
    gateway = await startBlockGateway(tree.blocks);
    const asked: string[] = [];
    const { port } = new URL(gateway.url);
    let to = (cid: string): string => `http://${cid}.ipfs.localhost:${port}/?format=raw`;
    const server = createServer((request, response) => {
      const { host = '' } = request.headers;
      asked.push(host);
      const cid = /^([a-z0-9]+)\.ipfs\.localhost/.exec(host)?.[1];
      const bytes = cid === undefined ? undefined : tree.blocks.get(cid)?.bytes;
      if (bytes) response.writeHead(200).end(bytes);
      else response.writeHead(301, { location: to(/[a-z0-9]{20,}/.exec(request.url ?? '')?.[0] ?? '') }).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const own = String((server.address() as AddressInfo).port);
    const source = gatewaySource(`http://localhost:${own}/ipfs/`);
    try {
      for (const wrong of [
        to, // The redirect leads to another port.
        (cid: string) => `http://${cid}.ipfs.example.org:${own}/`,
        (cid: string) => `https://${cid}.ipfs.localhost:${own}/`,
        () => `http://me@localhost:${own}/`,
        () => 'not a URL',
      ]) {
        to = wrong;
        const before = asked.length;
        await assert.rejects(source.get(tree.root, signal), (error) => IpfsKitError.is(error, 'foreign'));
        assert.equal(asked.length, before + 1);
      }
      to = (cid) => `http://${cid}.ipfs.localhost:${own}/?format=raw`;
      assert.ok(Buffer.from(tree.blocks.get(root)?.bytes ?? []).equals((await source.get(tree.root, signal)) ?? Buffer.alloc(0)));
      assert.deepEqual(gateway.asked, []);
    } finally {
      server.close();
    }
  });

  it('that asked to retry later is retried, with or without a time, in seconds or as a date', async () => {
    const waits: readonly (readonly [number, Record<string, string>])[] = [
      [429, { 'retry-after': '0' }],
      [503, { 'retry-after': '0' }],
      [429, { 'retry-after': new Date(Date.now() - 5000).toUTCString() }],
    ];
    let count = 0;
    gateway = await startBlockGateway(tree.blocks, (response, bytes) => {
      const [status, headers] = waits[count++] ?? [200, {}];
      response.writeHead(status, headers).end(status === 200 ? bytes : 'slow down');
    });
    assert.deepEqual(await read(gateway, root), CONTENT);
    assert.equal(gateway.asked.length, 5 + waits.length);
  });

  it('that asked to retry later gets no request meanwhile, even for other blocks', async () => {
    const at: number[] = [];
    gateway = await startBlockGateway(tree.blocks, (response, bytes) => {
      at.push(performance.now());
      if (at.length === 3) response.writeHead(429, { 'retry-after': '1' }).end();
      else setTimeout(() => response.end(bytes), 50);
    });
    assert.deepEqual(await read(gateway, root, { blockMs: 5000 }), CONTENT);
    const [first = 0, ...later] = at.slice(2);
    const asked = later.filter((when) => when > first + 40 && when < first + 990); // Without the requests that were already in progress.
    assert.deepEqual(asked, []);
  });

  it("that asks to wait longer than a block may take is busy, and isn't asked for others; one that just fails is", async () => {
    const { reason, message } = await failing(answer(429, { 'retry-after': '3600' }));
    assert.deepEqual([reason, gateway.asked.length], ['busy', 1]);
    assert.match(message, /asked to retry later \(HTTP 429\), 3600 s\. Try again later/);
    await gateway.stop();
    assert.equal((await failing(answer(503, {}))).reason, 'http-status');
    assert.equal(gateway.asked.length, 1);
    await gateway.stop();
    const source = gatewaySource((gateway = await startBlockGateway(tree.blocks, answer(429, { 'retry-after': '30' }))).url);
    for (let turn = 0; turn < 2; turn++)
      await assert.rejects(source.get(tree.root, new AbortController().signal), (error) => IpfsKitError.is(error, 'busy'));
    assert.equal(gateway.asked.length, 1);
  });

  it('is canceled immediately, even while waiting, when the block is no longer needed', async () => {
    const controller = new AbortController();
    gateway = await startBlockGateway(tree.blocks, (response) => {
      response.writeHead(429, { 'retry-after': '5' }).end();
      setTimeout(() => controller.abort(), 20);
    });
    const reading = gatewaySource(gateway.url).get(tree.root, controller.signal);
    await assert.rejects(reading, (error) => IpfsKitError.is(error, 'cancelled'));
    assert.equal(gateway.asked.length, 1);
  });

  it('that answers with a page for people is a mismatch', async () => {
    assert.equal((await failing(answer(200, { 'content-type': 'text/html' }, '<h1>Log in</h1>'))).reason, 'mismatch');
  });

  it('that does not have a block reports it as missing, by its CID', async () => {
    const { reason, message } = await failing((response) => void response.writeHead(404).end());
    assert.equal(reason, 'missing');
    assert.ok(message.includes(root));
  });

  it("whose address contains a password is rejected without a request, and the error doesn't repeat the password", async () => {
    gateway = await startBlockGateway(tree.blocks);
    for (const [from, to] of [
      ['//', '//me:s3cret@'],
      [/$/, '/?key=s3cret'],
    ] as const) {
      const source = gatewaySource(gateway.url.replace(from, to));
      assert.doesNotMatch(source.name, /s3cret/);
      const files = createIpfsFiles(createVerifiedBlocks([source]));
      const failure = await files.stat({ cid: root, path: [] }).catch((error: unknown) => error);
      assert.ok(IpfsKitError.is(failure, 'invalid-argument'), String(failure));
      assert.match(failure.message, /aren't supported/);
      assert.doesNotMatch(failure.message, /s3cret/);
    }
    assert.equal(gateway.asked.length, 0);
  });

  it('is canceled immediately when the block is no longer needed', async () => {
    const stop = new AbortController();
    gateway = await startBlockGateway(tree.blocks, () => stop.abort());
    await assert.rejects(read(gateway, root, { signal: stop.signal, blockMs: 60_000 }), { reason: 'cancelled' });
  });
});

describe('a block beyond what importers make', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'large-block-'));
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('is read from disk and from a gateway, as far as peers exchange blocks, and refused beyond with the bound', async () => {
    const made = new Made();
    const [large, tooLarge] = [await made.leaf('x'.repeat(3 * 2 ** 20)), await made.leaf('x'.repeat(2 ** 22 + 1))];
    writeRepository(folder, made.blocks);
    const gateway = await startBlockGateway(made.blocks);
    try {
      for (const source of [flatfsSource(folder), gatewaySource(gateway.url)]) {
        const blocks = createVerifiedBlocks([source]);
        assert.equal((await blocks.get(large)).length, 3 * 2 ** 20, source.name);
        await assert.rejects(blocks.get(tooLarge), (error) => IpfsKitError.is(error, 'too-large') && error.message.includes('4,194,304'), source.name); // prettier-ignore
      }
    } finally {
      await gateway.stop();
    }
  });
});

describe('several sources', () => {
  it('are asked in order: the next one provides what one lacks or falsifies', async () => {
    const tree = await importTree([{ path: 'file.bin', content: CONTENT }]);
    const lying = { name: 'liar', get: () => Promise.resolve(Buffer.from('something else')) };
    const empty = { name: 'empty', get: () => Promise.resolve(undefined) };
    const broken = { name: 'broken', get: () => Promise.reject(new Error('down')) };
    const gateway = await startBlockGateway(tree.blocks);
    try {
      const files = createIpfsFiles(createVerifiedBlocks([lying, empty, broken, gatewaySource(gateway.url)]));
      const page = await files.list({ cid: tree.root.toString(), path: [] }, { offset: 0, limit: 5 });
      assert.equal(page.entries[0]?.sizeBytes, CONTENT.length);
    } finally {
      await gateway.stop();
    }
  });

  it('are asked once for a block that several requests need at the same time', async () => {
    const tree = await importTree([{ path: 'file.bin', content: CONTENT }]);
    let asked = 0;
    const slow = {
      name: 'slow',
      get: async (cid: { toString(): string }) => {
        asked++;
        await new Promise((resolve) => setTimeout(resolve, 20));
        return tree.blocks.get(cid.toString())?.bytes;
      },
    };
    const blocks = createVerifiedBlocks([slow]);
    await Promise.all(Array.from({ length: 20 }, () => blocks.get(tree.root)));
    await blocks.get(tree.root);
    assert.equal(asked, 1);
  });
});
