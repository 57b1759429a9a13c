import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Socket } from 'node:net';
import type { Reason } from '../../../src/ipfsKitError';
import { IpfsKitError } from '../../../src/ipfsKitError';
import { httpGet } from '../../../src/daemonClient/http';
import { fetchArrowIndex, fetchJsonPins } from '../../../src/daemonClient/pinIndexRequest';
import { drip, http, rawServer } from './rawServer';

async function against(answer: (route: string, socket: Socket) => void, check: (url: string) => Promise<void>): Promise<void> {
  const server = await rawServer(answer);
  try {
    await check(server.url);
  } finally {
    await server.close();
  }
}

const failing = (reason: Reason) => (error: unknown) => IpfsKitError.is(error, reason);
const limits = { headersMs: 200, stallMs: 200, totalMs: 600, maxBytes: 10_000 };

describe('a GET', () => {
  it('collects a chunked body and tells how much has come', () =>
    against(
      (_, socket) => void socket.end('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n'),
      async (url) => {
        const seen: number[] = [];
        const { status, body } = await httpGet(url, { ...limits, onBytes: (received) => seen.push(received) });
        assert.deepEqual([status, Buffer.from(body).toString(), seen.at(-1)], [200, 'abcdefg', 7]);
      },
    ));

  const cases: [string, Reason, (route: string, socket: Socket) => void][] = [
    [
      'more bytes than allowed',
      'too-large',
      (_, socket) => void (socket.write('HTTP/1.1 200 OK\r\n\r\n'), socket.write('x'.repeat(20_000))),
    ],
    ['more bytes declared than allowed', 'too-large', (_, socket) => void socket.write(http('x', { length: 2 ** 45 }))],
    ['headers that drip', 'timeout', (_, socket) => drip(socket, http('abc'))],
    [
      'a body that drips longer than the whole may take',
      'timeout',
      (_, socket) => (socket.write(http('', { length: 500 })), drip(socket, 'x'.repeat(500), 50)),
    ],
    ['a body that stops', 'timeout', (_, socket) => void socket.write(http('abc', { length: 500 }))],
    ['a body that is cut', 'truncated', (_, socket) => void socket.end(http('abc', { length: 500 }))],
    [
      'a chunked body without its end',
      'truncated',
      (_, socket) => void socket.end('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n'),
    ],
    [
      'a reset',
      'truncated',
      (_, socket) => void (socket.write(http('abc', { length: 500 })), setTimeout(() => socket.resetAndDestroy(), 20)),
    ],
    ['headers without end', 'foreign', (_, socket) => void socket.write(`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(40_000)}`)],
    ['no HTTP', 'foreign', (_, socket) => void socket.end('-ERR unknown command\r\n')],
  ];
  for (const [what, reason, answer] of cases)
    it(`answered with ${what} fails as ${reason}`, () =>
      against(answer, async (url) => assert.rejects(httpGet(url, limits), failing(reason))));

  it('fails as refused where nobody listens', () => assert.rejects(httpGet('http://127.0.0.1:1', limits), failing('refused')));
});

describe('the pin index', () => {
  const arrow = Buffer.concat([Buffer.from([255, 255, 255, 255, 16, 0, 0, 0]), Buffer.alloc(40)]);
  const send =
    (body: Buffer, type = 'application/octet-stream') =>
    (_: string, socket: Socket) =>
      void socket.end(Buffer.concat([Buffer.from(http('', { type, length: body.length })), body]));

  it('comes by one GET', async () => {
    const server = await rawServer(send(arrow));
    assert.deepEqual(Buffer.from(await fetchArrowIndex(server.url)), arrow);
    assert.deepEqual(server.requests, ['GET /pin-index-arrow HTTP/1.1']);
    await server.close();
  });

  it('is given up after its first bytes when they are not Arrow, however much would follow', async () => {
    let sent = 0;
    const endless = (_: string, socket: Socket): void => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      const more = (): void => {
        while (sent < 2 ** 28 && socket.writable && socket.write(Buffer.alloc(65_536, 0x78))) sent += 65_536;
        if (sent < 2 ** 28 && socket.writable) socket.once('drain', more);
      };
      more();
    };
    await against(endless, async (url) => assert.rejects(fetchArrowIndex(url), failing('malformed')));
    assert.ok(sent < 2 ** 25, `${sent} bytes were taken`);
  });

  const statuses: [string, Reason][] = [
    [http('{"detail":"Not Found"}', { status: '404 Not Found' }), 'no-such-route'],
    [http('{}', { status: '500 Internal Server Error' }), 'http-status'],
    [http('', { status: '302 Found' }), 'foreign'],
    [http(''), 'empty'],
    [http('<html>'), 'malformed'],
  ];
  for (const [answer, reason] of statuses)
    it(`answered "${answer.split('\r\n')[0]}" with ${answer.length} bytes fails as ${reason}`, () =>
      against(
        (_, socket) => void socket.end(answer),
        async (url) => assert.rejects(fetchArrowIndex(url), failing(reason)),
      ));

  it('is cancelled at once', () =>
    against(
      () => undefined,
      async (url) => {
        const controller = new AbortController();
        const waiting = fetchJsonPins(url, { signal: controller.signal });
        controller.abort();
        await assert.rejects(waiting, failing('cancelled'));
      },
    ));
});
