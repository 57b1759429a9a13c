import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import nodeHttp from 'node:http';
import type { Socket } from 'node:net';
import fc from 'fast-check';
import type { Reason } from '../../../src/base/ipfsKitError';
import { IpfsKitError } from '../../../src/base/ipfsKitError';
import { httpRequest } from '../../../src/daemonClient/http';
import { fetchArrowIndex, fetchJsonPins } from '../../../src/daemonClient/ipfsKit/pinListRequests';
import type { RawServer } from './rawServer';
import { drip, http, rawServer, settled } from './rawServer';

async function against(
  answer: (route: string, socket: Socket) => void,
  check: (url: string, server: RawServer) => Promise<void>,
): Promise<void> {
  const server = await rawServer(answer);
  try {
    await check(server.url, server);
    assert.ok(await settled(() => server.open() === 0), 'no connection is left open');
  } finally {
    await server.close();
  }
}

const failing = (reason: Reason) => (error: unknown) => IpfsKitError.is(error, reason);
const limits = { headersMs: 200, stallMs: 200, totalMs: 600, maxBytes: 10_000 };

describe('a GET', () => {
  it('collects a chunked body and reports how much has arrived', () =>
    against(
      (_, socket) => void socket.end('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n'),
      async (url) => {
        const seen: number[] = [];
        const { status, body } = await httpRequest(url, { ...limits, onBytes: ({ received }) => seen.push(received) });
        assert.deepEqual([status, Buffer.from(body).toString(), seen.at(-1)], [200, 'abcdefg', 7]);
      },
    ));

  it('gives what came after the body, by names in lower case', () =>
    against(
      (_, socket) =>
        void socket.end(
          'HTTP/1.1 200 OK\r\ntrailer: X-Stream-Error\r\nx-answer: 7\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX-Stream-Error: no\r\n\r\n',
        ),
      async (url) => {
        const { trailers, headers } = await httpRequest(url, limits);
        assert.deepEqual([trailers['x-stream-error'], headers['x-answer']], ['no', '7']);
      },
    ));

  it('passes on a body in pieces without keeping it, within the same limits', () =>
    against(
      (_, socket) => void socket.end('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n'),
      async (url) => {
        const pieces: string[] = [];
        const onChunk = (chunk: Buffer): void => void pieces.push(chunk.toString());
        const { body } = await httpRequest(url, { ...limits, onChunk });
        assert.deepEqual([pieces.join(''), body.length], ['abcdefg', 0]);
        await assert.rejects(httpRequest(url, { ...limits, maxBytes: 6, onChunk }), failing('too-large'));
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
      'a body that drips longer than the total time limit',
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
    [
      'an upgrade to another protocol',
      'foreign',
      (_, socket) => void socket.write('HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\nabc'),
    ],
    [
      'endless interim responses',
      'timeout',
      (_, socket) => drip(socket, 'HTTP/1.1 103 Early Hints\r\nlink: <a>\r\n\r\n'.repeat(100), 1),
    ],
    ['a head that is cut', 'truncated', (_, socket) => void socket.end('HTTP/1.1 200 OK\r\ncontent-le')],
    ['nothing', 'timeout', () => undefined],
    ['no HTTP', 'foreign', (_, socket) => void socket.end('-ERR unknown command\r\n')],
  ];
  for (const [what, reason, answer] of cases)
    it(`with the response ${what} fails as ${reason}`, () =>
      against(answer, async (url) => assert.rejects(httpRequest(url, limits), failing(reason))));

  it("returns a redirect unchanged, and doesn't follow it", () =>
    against(
      (_, socket) => void socket.end('HTTP/1.1 302 Found\r\nlocation: /elsewhere\r\ncontent-length: 0\r\n\r\n'),
      async (url, { requests }) => {
        assert.equal((await httpRequest(url, limits)).status, 302);
        assert.deepEqual(requests, ['GET / HTTP/1.1']);
      },
    ));

  it("sends no credentials and doesn't keep connections", () =>
    against(
      (_, socket) => void socket.end(http('{}')),
      async (url, { heads }) => {
        await httpRequest(url, limits);
        const head = heads[0] ?? '';
        const names = head
          .split('\r\n')
          .slice(1)
          .filter(Boolean)
          .map((line) => line.split(':')[0]?.toLowerCase());
        assert.deepEqual(names.sort(), ['accept', 'connection', 'host']);
        assert.match(head, /^connection: close/im);
      },
    ));

  it('may be a DELETE, with the given token', () =>
    against(
      (_, socket) => void socket.end(http('{}')),
      async (url, { heads }) => {
        await httpRequest(url, { ...limits, method: 'DELETE', authorization: 'Bearer abc' });
        assert.match(heads[0] ?? '', /^DELETE \/ HTTP/);
        assert.match(heads[0] ?? '', /^authorization: Bearer abc\r$/im);
      },
    ));

  it('does not use http.request, which the extension host replaces with one that asks a proxy', () =>
    against(
      (_, socket) => void socket.end(http('{}')),
      async (url) => {
        const real = nodeHttp.request;
        nodeHttp.request = () => assert.fail('http.request was used');
        try {
          assert.equal((await httpRequest(url, limits)).status, 200);
        } finally {
          nodeHttp.request = real;
        }
      },
    ));

  for (const url of ['nonsense', '', 'https://127.0.0.1:1', 'ftp://127.0.0.1', 'http://127.0.0.1:99999', 'file:///etc/passwd'])
    it(`refuses the URL "${url}"`, () => assert.rejects(httpRequest(url, limits), failing('invalid-argument')));

  it('rejects a URL with a user name or password, which a message would show, without sending a request', () =>
    against(
      (_, socket) => void socket.end(http('{}')),
      async (url, { requests }) => {
        for (const credentials of ['me', 'me:s3cret', ':s3cret'])
          await assert.rejects(
            httpRequest(url.replace('//', `//${credentials}@`), limits),
            (error) => IpfsKitError.is(error, 'invalid-argument') && !error.message.includes('s3cret'),
          );
        assert.deepEqual(requests, []);
      },
    ));

  it('ends with what its caller throws while bytes come', () =>
    against(
      (_, socket) => void socket.write(http('abc', { length: 500 })),
      async (url) => {
        const onBytes = (): void => {
          throw new IpfsKitError('unsupported', 'Enough.');
        };
        await assert.rejects(httpRequest(url, { ...limits, onBytes }), failing('unsupported'));
      },
    ));

  it('takes a response that came at once, although the thread was busy for longer than its time', () =>
    against(
      (_, socket) => void socket.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'),
      async (url) => {
        const answer = httpRequest(url, limits);
        for (const end = performance.now() + 2 * limits.totalMs; performance.now() < end;);
        assert.equal((await answer).status, 200);
      },
    ));

  it('leaves no timer and no socket behind', async () => {
    const left = (): string[] => process.getActiveResourcesInfo().filter((kind) => /Timeout|TCP/.test(kind));
    assert.ok(await settled(() => !left().some((kind) => kind.startsWith('TCP'))), left().join());
    const timers = left().length; // Timers of the test runner.
    const patient = { ...limits, headersMs: 60_000, totalMs: 60_000, stallMs: 60_000 };
    await against(
      (_, socket) => void socket.end(http('{}')),
      async (url) => {
        await httpRequest(url, patient);
      },
    );
    await assert.rejects(httpRequest('http://127.0.0.1:1', patient));
    assert.ok(await settled(() => left().length <= timers), left().join());
  });

  it('fails as refused where no program listens', () =>
    assert.rejects(httpRequest('http://127.0.0.1:1', limits), failing('refused')));
});

describe('a body', () => {
  const ways = {
    length: (body: Uint8Array) => Buffer.concat([Buffer.from(`HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n`), body]),
    close: (body: Uint8Array) => Buffer.concat([Buffer.from('HTTP/1.0 200 OK\r\n\r\n'), body]),
    chunks: (body: Uint8Array, sizes: readonly number[]) => {
      const parts: Uint8Array[] = [Buffer.from('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n')];
      let at = 0;
      for (const size of [...sizes, body.length]) {
        const piece = body.subarray(at, at + size);
        at += piece.length;
        if (piece.length > 0) parts.push(Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from('\r\n'));
      }
      return Buffer.concat([...parts, Buffer.from('0\r\n\r\n')]);
    },
  };
  const bodies = fc.uint8Array({ maxLength: 3000 }).map((bytes) => Buffer.from(bytes));
  const sizes = fc.array(fc.integer({ min: 1, max: 700 }), { maxLength: 8 });

  it('comes as it was sent, however it is framed', async () => {
    let answer = Buffer.alloc(0);
    await against(
      (_, socket) => void socket.end(answer),
      (url) =>
        fc.assert(
          fc.asyncProperty(bodies, sizes, fc.constantFrom('length', 'close', 'chunks'), async (body, cuts, way) => {
            answer = ways[way](body, cuts);
            assert.deepEqual(Buffer.from((await httpRequest(url, limits)).body), body);
          }),
          { numRuns: 100 },
        ),
    );
  });

  it('that ends before its end is truncated, wherever it is cut', async () => {
    let answer = Buffer.alloc(0);
    await against(
      (_, socket) => void socket.end(answer),
      (url) =>
        fc.assert(
          fc.asyncProperty(bodies, sizes, fc.constantFrom('length', 'chunks'), fc.nat(), async (body, cuts, way, at) => {
            const whole = ways[way](body, cuts);
            answer = whole.subarray(0, at % whole.length);
            await assert.rejects(httpRequest(url, limits), failing('truncated'));
          }),
          { numRuns: 100 },
        ),
    );
  });
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

  it("is aborted after its first bytes if they aren't Arrow, regardless of its length", async () => {
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

  it('that is rejected is not read to its end, however long the response', () =>
    against(
      (_, socket) => void socket.write(`HTTP/1.1 500 Internal Server Error\r\ncontent-length: ${2 ** 27}\r\n\r\nabc`),
      async (url) => assert.rejects(fetchJsonPins(url), failing('http-status')),
    ));

  it('in the form of a file is taken too', async () => {
    const file = Buffer.concat([Buffer.from('ARROW1\0\0'), Buffer.alloc(40)]);
    await against(send(file), async (url) => assert.deepEqual(Buffer.from(await fetchArrowIndex(url)), file));
  });

  it('as JSON is passed on unchecked: its reader decides', () =>
    against(send(Buffer.from('{"pins":[]}')), async (url, { requests }) => {
      assert.equal(Buffer.from(await fetchJsonPins(url)).toString(), '{"pins":[]}');
      assert.deepEqual(requests, ['GET /pins HTTP/1.1']);
    }));

  const silences: [string, (route: string, socket: Socket) => void][] = [
    ['headersMs', () => undefined],
    ['stallMs', (_, socket) => void socket.write(http('{', { length: 500 }))],
    [
      'totalMs',
      (_, socket) => {
        socket.write(http('', { length: 500 }));
        drip(socket, ' '.repeat(500), 10);
      },
    ],
  ];
  for (const [limit, answer] of silences)
    it(`is aborted after ${limit}`, () =>
      against(answer, async (url) => assert.rejects(fetchJsonPins(url, { limits: { [limit]: 100 } }), failing('timeout'))));

  it('is canceled immediately', () =>
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
