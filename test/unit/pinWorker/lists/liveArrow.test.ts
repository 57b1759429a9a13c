import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, it } from 'node:test';
import type { Reason } from '../../../../src/base/ipfsKitError';
import { IpfsKitError } from '../../../../src/base/ipfsKitError';
import type { PinTable } from '../../../../src/pin/pinTable';
import { wholeMessages } from '../../../../src/arrow/ipcBody';
import { readArrow } from '../../../../src/arrow/arrowReader';
import type { LiveArrow, LiveArrowOptions } from '../../../../src/pinWorker/lists/liveArrow';
import { receiveArrow } from '../../../../src/pinWorker/lists/liveArrow';

const NEVER = new AbortController().signal;
const BODY = readFileSync(path.join(process.cwd(), 'test/fixtures/arrow/made/many-batches.stream.arrows'));

/** Where each batch of the fixture ends. */
function batchEnds(body: Uint8Array): number[] {
  const ends: number[] = [];
  for (let length = 0; length <= body.length; length++) {
    const { batches, end } = wholeMessages(body.subarray(0, length));
    if (batches > ends.length) ends.push(end);
  }
  return ends;
}
const ENDS = batchEnds(BODY);

interface Received {
  readonly live: LiveArrow | IpfsKitError;
  /** Rows of the tables that were shown meanwhile. */
  readonly shown: readonly number[];
  readonly reads: number;
}

/** What is received of a daemon that sends as `send` does. */
async function receive(
  send: (response: ServerResponse) => Promise<void> | void,
  limits: LiveArrowOptions['limits'] = {},
): Promise<Received> {
  const server = createServer((_, response) => void send(response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const shown: Promise<number>[] = [];
  let reads = 0;
  try {
    const live = await receiveArrow(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, {
      signal: NEVER,
      limits,
      onReceived: () => undefined,
      onTable: (table) => shown.push(table.count({}, NEVER)),
      read: async (body, soFar): Promise<PinTable> => {
        reads++;
        return readArrow(body, { soFar });
      },
    }).catch((error: unknown) => IpfsKitError.from(error));
    return { live, shown: await Promise.all(shown), reads };
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

const rowsOf = ({ live }: Received): Promise<number> | Reason =>
  live instanceof Error ? live.reason : live.table.count({}, NEVER);

describe('an Arrow list that comes in', () => {
  it('of one batch is read once, however late its end mark comes', async () => {
    const one = Buffer.concat([BODY.subarray(0, ENDS[0]), BODY.subarray(-8)]);
    const received = await receive(async (response) => {
      response.writeHead(200, { 'content-length': one.length });
      response.write(one.subarray(0, -8));
      await sleep(200);
      response.end(one.subarray(-8));
    });
    assert.deepEqual([received.shown, received.reads], [[], 1]);
  });

  it('is shown as soon as its first batch is whole, before anything follows', async () => {
    const received = await receive(async (response) => {
      response.write(BODY.subarray(0, ENDS[0]));
      await sleep(600);
      response.end(BODY.subarray(ENDS[0]));
    });
    assert.equal(received.shown.length, 1);
    assert.ok((received.shown[0] ?? 0) < ((await rowsOf(received)) as number));
  });

  it('grows, and is read seldom however small its pieces are', async () => {
    const began = performance.now();
    const received = await receive(async (response) => {
      for (let at = 0; at < BODY.length; at += 512) {
        response.write(BODY.subarray(at, at + 512));
        await sleep(2);
      }
      response.end();
    });
    assert.ok(received.reads <= 2 + (performance.now() - began) / 250, String(received.reads));
    assert.deepEqual(
      received.shown,
      received.shown.toSorted((a, b) => a - b),
    );
  });

  it('and then drips ends as a timeout with the batches that came whole', async () => {
    const received = await receive(
      async (response) => {
        response.write(BODY.subarray(0, ENDS[1]));
        for (let at = ENDS[1] ?? 0; !response.destroyed; at++) {
          response.write(BODY.subarray(at, at + 1));
          await sleep(10);
        }
      },
      { slowMs: 100, stallMs: 10_000 },
    );
    assert.ok(!(received.live instanceof Error) && IpfsKitError.is(received.live.incomplete, 'timeout'));
    const whole = await readArrow(BODY.subarray(0, ENDS[1]), { soFar: true });
    assert.equal(await rowsOf(received), await whole.count({}, NEVER));
  });

  it('and is cut off anywhere keeps its complete batches', async () => {
    const rows = await Promise.all(
      ENDS.map(async (end) => (await readArrow(BODY.subarray(0, end), { soFar: true })).count({}, NEVER)),
    );
    for (const cut of [
      ENDS[0] ?? 0,
      (ENDS[0] ?? 0) + 1,
      (ENDS[1] ?? 0) - 1,
      (ENDS[1] ?? 0) + 9,
      BODY.length - 8,
      BODY.length - 1,
    ]) {
      const received = await receive((response) => void response.end(BODY.subarray(0, cut)));
      const whole = ENDS.filter((end) => end <= cut).length;
      assert.equal(await rowsOf(received), rows[whole - 1], `cut at ${cut}`);
      assert.ok(!(received.live instanceof Error) && received.live.incomplete?.reason === 'truncated');
    }
    const promised = await receive((response) => {
      response.writeHead(200, { 'content-length': BODY.length });
      response.write(BODY.subarray(0, (ENDS[1] ?? 0) + 20), () => response.destroy());
    });
    assert.equal(await rowsOf(promised), rows[1]);
  });

  it('and ends before its first batch is complete is rejected', async () => {
    assert.equal(await rowsOf(await receive((response) => void response.end(BODY.subarray(0, (ENDS[0] ?? 0) - 1)))), 'truncated');
  });

  it("and is damaged isn't trusted in part", async () => {
    const broken = Buffer.from(BODY);
    broken.fill(0x41, ENDS[1], (ENDS[1] ?? 0) + 200);
    const received = await receive(async (response) => {
      response.write(broken.subarray(0, ENDS[0]));
      await sleep(300);
      response.end(broken.subarray(ENDS[0]));
    });
    assert.deepEqual([received.shown.length, rowsOf(received)], [1, 'malformed']);
  });

  it("and is damaged isn't trusted in part, even if the connection is lost too", async () => {
    const broken = Buffer.from(BODY);
    broken.fill(0x41, ENDS[1], (ENDS[1] ?? 0) + 200);
    const received = await receive((response) => {
      response.writeHead(200, { 'content-length': BODY.length + 100 });
      response.write(broken, () => response.destroy());
    });
    assert.equal(rowsOf(received), 'malformed');
  });
});
