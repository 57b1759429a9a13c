import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import type { Socket } from 'node:net';
import { IpfsKitError } from '../../../../src/base/ipfsKitError';
import { probe } from '../../../../src/daemonClient/ipfsKit/probe';
import { hasIpv6 } from '../../../support/hasIpv6';
import type { RawServer } from '../rawServer';
import { drip, http, rawServer, settled } from '../rawServer';

const NO_SERVER = 'http://127.0.0.1:1';
const STARTING = http('{"status":"starting","running":true}');
const OK = http('{"status":"ok","running":true}');

async function probing<T>(answer: (route: string, socket: Socket) => void, check: (server: RawServer) => Promise<T>): Promise<T> {
  const server = await rawServer(answer);
  try {
    const result = await check(server);
    assert.ok(await settled(() => server.open() === 0), 'no connection is left open');
    return result;
  } finally {
    await server.close();
  }
}

const always = (text: string) => (_: string, socket: Socket) => void socket.end(text);

/** On Linux, loopback has ::1 unless IPv6 is off. If it is off, no program can listen there, and the probe reports absent. */
describe('a probe', () => {
  it('finds a refused connection absent', async () => {
    const { state, url, attempts, detail } = await probe([NO_SERVER]);
    assert.deepEqual([state, url], ['absent', undefined]);
    assert.deepEqual(
      attempts.map(({ address, route, outcome }) => [address, route, outcome]),
      [[NO_SERVER, '/health', 'refused']],
    );
    assert.match(detail, /No daemon responds at http:\/\/127\.0\.0\.1:1/);
  });

  it('with no address configured is absent', async () => assert.equal((await probe([])).state, 'absent'));

  const answers: [string, string, (route: string, socket: Socket) => void][] = [
    ['"starting"', 'starting', always(STARTING)],
    ['"ok"', 'up', always(OK)],
    [
      'an initialized daemon without a status key',
      'up',
      always(http('{"timestamp":1.5,"system_healthy":false,"components":{}}')),
    ],
    ['HTML', 'foreign', always(http('<!doctype html><h1>It works</h1>', { type: 'text/html' }))],
    ['JSON that is no object', 'foreign', always(http('["ok"]'))],
    ['a JSON object of another kind', 'foreign', always(http('{"hello":"world"}'))],
    ['404', 'foreign', always(http('{"detail":"Not Found"}', { status: '404 Not Found' }))],
    [
      'a redirect, which is not followed',
      'foreign',
      always('HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n'),
    ],
    ['something that is not HTTP', 'foreign', always('SSH-2.0-OpenSSH_9.2p1\r\n')],
    [
      'a body without an end',
      'foreign',
      (_, socket) => void (socket.write(http('', { length: 10 ** 6 })), socket.write('x'.repeat(10 ** 6))),
    ],
    ['a declared gigabyte', 'foreign', always(http('{', { length: 2 ** 30 }))],
    ['500', 'busy', always(http('{"detail":"error"}', { status: '500 Internal Server Error' }))],
    ['503', 'busy', always(http('{}', { status: '503 Service Unavailable' }))],
    ['nothing, after taking the connection', 'busy', () => undefined],
    ['a closed connection', 'busy', (_, socket) => void socket.end()],
    ['headers that drip', 'busy', (_, socket) => drip(socket, OK)],
    ['an upgrade', 'foreign', always('HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n')],
    ['the alert of a TLS server', 'foreign', always('\x15\x03\x01\x00\x02\x02\x46')],
    ['408', 'busy', always(http('{}', { status: '408 Request Timeout' }))],
    ['429', 'busy', always(http('{}', { status: '429 Too Many Requests' }))],
    ['a body that drips', 'busy', (_, socket) => (socket.write(http('', { length: 5000 })), drip(socket, ' '.repeat(5000)))],
    ['a body that is cut', 'busy', always(http('{"status":"ok"', { length: 500 }))],
    [
      'a reset in the middle',
      'busy',
      (_, socket) => void (socket.write(http('{"sta', { length: 500 })), setTimeout(() => socket.resetAndDestroy(), 20)),
    ],
  ];
  for (const [what, state, answer] of answers)
    it(`finds ${what} ${state}`, () =>
      probing(answer, async (server) => {
        const found = await probe([server.url], { deadlineMs: 400 });
        assert.equal(found.state, state);
        assert.equal(found.url, server.url);
        assert.ok(found.detail.endsWith('.'));
      }));

  it('asks /health once, and no status route, of a daemon that is quick', () =>
    probing(always(STARTING), async (server) => {
      await probe([server.url]);
      assert.deepEqual(server.requests, ['GET /health HTTP/1.1']);
    }));

  it('asks the status route beside a /health that is late, and takes the first good answer', () =>
    probing(
      (route, socket) => {
        if (route !== '/health') socket.end(OK);
      },
      async (server) => {
        assert.equal((await probe([server.url])).state, 'up');
        assert.deepEqual(server.requests, ['GET /health HTTP/1.1', 'GET /api/v1/status HTTP/1.1']);
      },
    ));

  it('asks /status if /api/v1/status is missing, and never /health, in a poll', () =>
    probing(
      (route, socket) => void socket.end(route === '/status' ? OK : http('{}', { status: '404 Not Found' })),
      async (server) => {
        assert.equal((await probe([server.url], { question: 'status' })).state, 'up');
        assert.deepEqual(server.requests, ['GET /api/v1/status HTTP/1.1', 'GET /status HTTP/1.1']);
      },
    ));

  it('asks /health in a poll of a daemon that has no status route, which it would else take for another program', () =>
    probing(
      (route, socket) => void socket.end(route === '/health' ? OK : http('{}', { status: '404 Not Found' })),
      async (server) => {
        assert.equal((await probe([server.url], { question: 'status' })).state, 'up');
        assert.deepEqual(server.requests, ['GET /api/v1/status HTTP/1.1', 'GET /status HTTP/1.1', 'GET /health HTTP/1.1']);
      },
    ));

  it('asks the status route once when /health is late and then busy', () =>
    probing(
      (route, socket) => {
        if (route === '/health') setTimeout(() => socket.end(http('', { status: '500 Internal Server Error' })), 400);
      },
      async (server) => {
        const { state, attempts } = await probe([server.url]);
        assert.equal(state, 'busy');
        assert.deepEqual(server.requests, ['GET /health HTTP/1.1', 'GET /api/v1/status HTTP/1.1']);
        assert.equal(attempts.length, 2);
      },
    ));

  for (const deadlineMs of [50, 290, 310])
    it(`is over after a deadline of ${deadlineMs} ms, shorter or longer than its patience with /health`, () =>
      probing(
        () => undefined,
        async (server) => assert.equal((await probe([server.url], { deadlineMs })).state, 'busy'),
      ));

  it('asks an address once that is in the list twice, since /health has side effects', () =>
    probing(
      (_, socket) => void setTimeout(() => socket.end(OK), 100), // Time enough for a second request to arrive.
      async (server) => {
        const { state, url } = await probe([server.url, server.url, server.url.replace('127.0.0.1', 'localhost')]);
        assert.deepEqual([state, url], ['up', server.url]);
        assert.deepEqual(server.requests, ['GET /health HTTP/1.1']);
      },
    ));

  it('of more than eight addresses asks eight', async () => {
    const urls = Array.from({ length: 20 }, (_, index) => `http://127.0.0.${index + 1}:1`);
    assert.equal((await probe(urls)).attempts.length, 8);
  });

  it('of localhost takes the healthier of two that listen on 127.0.0.1 and on ::1', async () => {
    if (!hasIpv6()) return assert.equal((await probe(['http://localhost:1'])).state, 'absent');
    await probing(always(STARTING), async (four) => {
      const six = await rawServer((_, socket) => void setTimeout(() => socket.end(OK), 50), '::1', four.port);
      try {
        const found = await probe([`http://localhost:${four.port}`]);
        assert.deepEqual([found.state, found.url], ['up', six.url]);
      } finally {
        await six.close();
      }
    });
    return undefined;
  });

  it('reports every request, including canceled ones', () =>
    probing(always(OK), (first) =>
      probing(
        () => undefined,
        async (second) => {
          const { attempts } = await probe([first.url, second.url]);
          assert.deepEqual(
            attempts.map(({ address, outcome }) => [address, outcome]),
            [
              [first.url, 'up'],
              [second.url, 'cancelled'],
            ],
          );
        },
      ),
    ));

  it('takes the first address in order that is running, but an earlier silent one does not hide a later daemon', async () => {
    await probing(always(OK), (second) =>
      probing(
        () => undefined,
        async (first) => {
          const found = await probe([first.url, second.url], { deadlineMs: 300 });
          assert.deepEqual([found.state, found.url], ['up', second.url]);
        },
      ),
    );
    await probing(always(OK), (second) =>
      probing(always(STARTING), async (first) => {
        const found = await probe([first.url, second.url]);
        assert.deepEqual([found.state, found.url], ['starting', first.url]);
      }),
    );
  });

  it('of localhost finds a daemon that listens only on ::1', async () => {
    if (!hasIpv6()) return assert.equal((await probe(['http://localhost:1'])).state, 'absent');
    const server = await rawServer(always(OK), '::1');
    const found = await probe([`http://localhost:${server.port}`]);
    await server.close();
    assert.deepEqual([found.state, found.url], ['up', server.url]);
    return undefined;
  });

  it('ends immediately when it is canceled, with no connection left', () =>
    probing(
      () => undefined,
      async (server) => {
        const controller = new AbortController();
        const asking = probe([server.url], { signal: controller.signal, deadlineMs: 10_000 });
        setTimeout(() => controller.abort(), 30);
        await assert.rejects(asking, (error) => IpfsKitError.is(error, 'cancelled'));
      },
    ));

  for (const url of ['ftp://127.0.0.1', 'http://user:secret@127.0.0.1:1', 'http://127.0.0.1:1/path', 'nonsense', ''])
    it(`refuses the address "${url}" and says why`, async () => {
      const { state, attempts, detail } = await probe([url]);
      assert.equal(state, 'absent');
      assert.match(attempts[0]?.outcome ?? '', /^The daemon address ".*" /);
      assert.equal(detail, attempts[0]?.outcome);
      assert.ok(!JSON.stringify([attempts, detail]).includes('secret'));
    });

  it("with a wrong address among good ones names both the mistake and the addresses that didn't respond", async () => {
    const { detail } = await probe([NO_SERVER, 'nonsense']);
    assert.match(detail, /^No daemon responds at http:\/\/127\.0\.0\.1:1\. The daemon address "…" is not a URL\./);
  });

  const recorded: [string, string][] = [
    ['shipped/health.http', 'starting'],
    ['shipped/api_v1_status.http', 'up'],
    ['shipped/status.http', 'up'],
    ['initialized/health.http', 'up'],
    ['initialized/status.http', 'up'],
    ['shipped/health_backends.http', 'busy'],
    ['shipped/root.http', 'foreign'],
    ['dashboard-8004/health.http', 'foreign'],
    ['dashboard-8004/healthz.http', 'foreign'],
  ];
  for (const [file, state] of recorded)
    it(`finds the recorded answer ${file} ${state}`, () =>
      probing(
        (_, socket) => void socket.end(readFileSync(path.join(process.cwd(), 'test/fixtures/http', file))),
        async (server) => assert.equal((await probe([server.url], { deadlineMs: 400 })).state, state),
      ));
});
