import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import type { LineStreamOptions } from '../../../src/daemonClient/lineStream';
import { readLines } from '../../../src/daemonClient/lineStream';
import type { RpcAccess } from '../../../src/daemonClient/rpcAccess';
import type { Reason } from '../../../src/base/ipfsKitError';
import { IpfsKitError } from '../../../src/base/ipfsKitError';
import type { Answer, ReplayServer } from '../../support/replayServer';
import { framed, lines, recordedAnswer, replayServer } from '../../support/replayServer';
import { drip, rawServer, settled } from './rawServer';
import { needs, POSIX } from '../../support/needs';

const limits = { headersMs: 300, stallMs: 300, totalMs: 1500 };

/** Reads a response: the lines, and how it ended. */
async function read(
  answer: Answer,
  options: Partial<LineStreamOptions> = {},
  access: Partial<RpcAccess> = {},
): Promise<{ came: string[]; reason: Reason | undefined; message: string; server: ReplayServer }> {
  const server = await replayServer(() => answer, access.socketPath);
  const came: string[] = [];
  const onLine = (bytes: Buffer, from: number, to: number): void => void came.push(bytes.toString('utf8', from, to));
  try {
    await readLines({ url: server.url, ...access }, '/list', { ...limits, onLine, ...options });
    return { came, reason: undefined, message: '', server };
  } catch (error) {
    if (!IpfsKitError.is(error)) throw error;
    return { came, reason: error.reason, message: error.message, server };
  } finally {
    assert.ok(await settled(() => server.open() === 0), 'no connection is left open');
    await server.close();
  }
}

const rows = [{ Cid: 'a' }, { Cid: 'bé😀' }, { Cid: 'c' }];
const whole = rows.map((row) => JSON.stringify(row));

/** Reads a stream that the server sends as `send` does, with a `slowMs` of 200. */
async function readSlow(
  send: (socket: Socket) => void,
): Promise<{ came: string[]; reason: Reason | undefined; message: string }> {
  const server = await rawServer((_, socket) => {
    socket.write('HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{"a":1}\n{"a":2}\n');
    send(socket);
  });
  const came: string[] = [];
  const onLine = (bytes: Buffer, from: number, to: number): void => void came.push(bytes.toString('utf8', from, to));
  try {
    await readLines({ url: server.url }, '/list', { headersMs: 5000, stallMs: 5000, totalMs: 10_000, slowMs: 200, onLine });
    return { came, reason: undefined, message: '' };
  } catch (error) {
    const { reason, message } = IpfsKitError.from(error);
    return { came, reason, message };
  } finally {
    await server.close();
  }
}

describe('a stream of lines', () => {
  it('that drips without a complete line ends as a timeout with the lines received so far', async () => {
    const { came, reason, message } = await readSlow((socket) => drip(socket, '{'.repeat(10_000), 10));
    assert.deepEqual([came, reason], [['{"a":1}', '{"a":2}'], 'timeout']);
    assert.match(message, /\/list sent less than 1 kB\/s and no complete response within 0\.2 s\.$/);
  });

  it('that drips blank lines ends, too', async () => {
    assert.equal((await readSlow((socket) => drip(socket, '\n'.repeat(10_000), 10))).reason, 'timeout');
  });

  it('that is slow continues while complete lines or 1 kB/s arrive', async () => {
    const pieces = [...Array<string>(6).fill('{"a":3}\n'), ...Array<string>(6).fill(' '.repeat(100)), '{"a":4}\n'];
    const { came, reason } = await readSlow((socket) => {
      const timer = setInterval(() => {
        const piece = pieces.shift();
        if (piece !== undefined) return void socket.write(piece);
        clearInterval(timer);
        socket.end();
      }, 40);
    });
    assert.deepEqual([came.length, came.at(-1), reason], [9, '{"a":4}', undefined]);
  });

  for (const chunk of [1, 2, 3, 7, 4096])
    it(`arrives line by line, regardless of its chunks (${chunk} bytes)`, async () => {
      const { came, reason } = await read({ body: lines(rows), chunk, trailers: { 'X-Stream-Error': '' } });
      assert.deepEqual([came, reason], [whole, undefined]);
    });

  it('has no blank lines, takes CRLF, and a last line without an end', async () => {
    const { came } = await read({ body: '\n{"a":1}\r\n \n\n{"b":2}' });
    assert.deepEqual(came, ['{"a":1}', '{"b":2}']);
  });

  it('that is cut anywhere is truncated, and complete lines have been read', async () => {
    const answer: Answer = { body: lines(rows), chunk: 5, trailers: { 'X-Stream-Error': '' } };
    const all = framed(answer).length;
    let most = 0;
    for (let after = 0; after < all; after++) {
      const { came, reason } = await read({ ...answer, fault: { kind: 'cut', after } });
      assert.equal(reason, 'truncated', `after ${after} bytes`);
      assert.deepEqual(came, whole.slice(0, came.length));
      assert.ok(came.length >= most);
      most = came.length;
    }
    assert.equal(most, rows.length);
  });

  it("whose trailer names an error ended early, although the connection ended normally; its last, incomplete line doesn't count", async () => {
    const { came, reason, message } = await read({
      body: `${lines(rows)}{"Cid":"d`,
      trailers: { 'X-Stream-Error': 'context canceled' },
    });
    assert.deepEqual([came, reason], [whole, 'truncated']);
    assert.match(message, /\/list ended its response early: context canceled\.$/);
  });

  it('shows an error of a daemon shortened and made safe', async () => {
    const { message } = await read({ trailers: { 'X-Stream-Error': `a\u009bb${'x'.repeat(1000)}` } });
    assert.ok(message.length < 400);
    assert.ok(!/\p{Cc}/u.test(message), JSON.stringify(message));
  });

  const refusals: [Answer, Reason, RegExp][] = [
    [{ status: '403 Forbidden', body: '403 - Forbidden' }, 'needs-token', /requires a token/],
    [{ status: '401 Unauthorized', body: '{"code":401,"message":"unauthorized"}' }, 'needs-token', /requires a token/],
    [{ status: '404 Not Found', body: '404 page not found' }, 'no-such-route', /HTTP 404/],
    [
      { status: '302 Found', headers: { location: '/webui', 'content-length': '0' } },
      'foreign',
      /redirect \(HTTP 302\); redirects aren't followed\./,
    ],
    [{ status: '500 Internal Server Error', body: '{"Message":"no\\nway","Code":0}' }, 'http-status', /HTTP 500: no␊way\.$/],
    [{ status: '400 Bad Request', body: '{"code":400,"message":"bad filter"}' }, 'http-status', /HTTP 400: bad filter\.$/],
    [{ status: '500 Internal Server Error', body: 'x'.repeat(100_000) }, 'http-status', /HTTP 500: x+…$/],
    [{ fault: { kind: 'mute' } }, 'timeout', /didn't respond/],
    [{ body: lines(rows), fault: { kind: 'silence', after: 20 } }, 'timeout', /stopped in the middle/],
    [{ body: lines(rows), fault: { kind: 'drip', everyMs: 60, bytes: 1 } }, 'timeout', /didn't finish its response/],
    [{ body: 'x'.repeat(10_000_000), chunk: 65_536 }, 'too-large', /a line of more than 1,048,576 bytes/],
  ];
  for (const [answer, expected, pattern] of refusals)
    it(`answered ${answer.status ?? '200'} ${answer.fault?.kind ?? ''} with ${answer.body?.length ?? 0} bytes fails as ${expected}`, async () => {
      const { reason, message } = await read(answer);
      assert.equal(reason, expected);
      assert.match(message, pattern);
    });

  it('without content has no lines', async () => {
    const { came, reason } = await read({ status: '204 No Content', headers: { trailer: 'X-Stream-Error' } });
    assert.deepEqual([came, reason], [[], undefined]);
  });

  it('has limits on lines and bytes', async () => {
    const body = lines(rows);
    assert.equal((await read({ body }, { limits: { maxLines: 2 } })).reason, 'too-large');
    assert.equal((await read({ body }, { limits: { maxLines: 3 } })).reason, undefined);
    assert.equal((await read({ body: '\n'.repeat(4) }, { limits: { maxLines: 3 } })).reason, 'too-large');
    assert.equal((await read({ body }, { limits: { maxBytes: body.length } })).reason, 'too-large'); // é and 😀 have more bytes than characters.
  });

  it('ends with what its reader throws', async () => {
    const onLine = (): void => {
      throw new IpfsKitError('malformed', 'Enough.');
    };
    assert.equal((await read({ body: lines(rows) }, { onLine })).reason, 'malformed');
  });

  it('is canceled immediately', async () => {
    const controller = new AbortController();
    const onLine = (): void => controller.abort();
    const { reason } = await read(
      { body: lines(rows), fault: { kind: 'silence', after: 30 } },
      { onLine, signal: controller.signal },
    );
    assert.equal(reason, 'cancelled');
  });

  it('is requested by POST at a unix socket, with the given token', needs(POSIX), async () => {
    const socketPath = path.join(mkdtempSync(path.join(tmpdir(), 'lines-')), 'rpc.sock');
    const access = { socketPath, authorization: 'Bearer abc' };
    const { came, server } = await read({ body: lines(rows) }, { method: 'POST' }, access);
    assert.deepEqual(came, whole);
    assert.deepEqual(
      server.requests.map(({ method, path, headers }) => [method, path, headers['authorization'], headers['content-length']]),
      [['POST', '/list', 'Bearer abc', '0']],
    );
  });

  it("is not requested with a token that no header can contain, and the error doesn't repeat the token", async () => {
    const { reason, message } = await read({}, {}, { authorization: 'Bearer a\r\nb' });
    assert.equal(reason, 'invalid-argument');
    assert.ok(!message.includes('Bearer'));
  });
});

describe('recorded streams', () => {
  const asRecorded = async (file: string): Promise<unknown[]> => {
    const { came, reason } = await read(recordedAnswer(`test/fixtures/${file}`));
    assert.equal(reason, undefined);
    return came.map((line) => Object.keys(JSON.parse(line) as object));
  };

  it("of Kubo's pins are complete", async () => {
    assert.equal((await asRecorded('kubo/pin-ls-stream-recursive.http')).length, 4);
    assert.equal((await asRecorded('kubo/pin-ls-stream-direct.http')).length, 1);
  });

  it("of Cluster's allocations are complete, with their empty trailer, or with no content", async () => {
    assert.equal((await asRecorded('cluster/allocations.http')).length, 4);
    assert.equal((await asRecorded('cluster/allocations-empty.http')).length, 0);
  });
});
