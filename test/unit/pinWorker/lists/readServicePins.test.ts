import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { IpfsKitError } from '../../../../src/base/ipfsKitError';
import type { Pin } from '../../../../src/pin/pin';
import { columnarTable } from '../../../../src/columns/columnarTable';
import type { StreamedListOptions } from '../../../../src/pinWorker/lists/streamedList';
import type { ServiceQuery } from '../../../../src/pinWorker/lists/readServicePins';
import { readServicePins } from '../../../../src/pinWorker/lists/readServicePins';
import { heldHeap } from '../../../support/heldHeap';
import type { Answer, ReplayedRequest } from '../../../support/replayServer';
import { recordedAnswer, replayServer } from '../../../support/replayServer';

const NEVER = new AbortController().signal;

interface Opened {
  readonly pins: readonly Pin[];
  readonly reason: string | undefined;
  readonly leftOut: string | undefined;
  readonly message: string;
  readonly requests: readonly ReplayedRequest[];
}

async function open(
  answer: (request: ReplayedRequest, turn: number) => Answer,
  patienceMs = 3000,
  signal = NEVER,
  { mostTextBytes, ...bounds }: Pick<ServiceQuery, 'totalMs' | 'maxBytes'> & Pick<StreamedListOptions, 'mostTextBytes'> = {},
): Promise<Opened> {
  let turn = 0;
  const server = await replayServer((request) => answer(request, turn++));
  const { requests } = server;
  try {
    const { columns, incomplete, leftOut } = await readServicePins(
      { access: { url: server.url }, name: 'a service', patienceMs, ...bounds },
      {
        ...(mostTextBytes !== undefined && { mostTextBytes }),
        signal,
        onReceived: () => undefined,
        onSoFar: () => undefined,
      },
    );
    const pins = await columnarTable(columns, 'pins').page({ limit: 10_000 }, NEVER);
    return { pins, reason: incomplete?.reason, leftOut, message: incomplete?.message ?? '', requests };
  } catch (error) {
    const { reason, message } = IpfsKitError.from(error);
    return { pins: [], reason, leftOut: undefined, message, requests };
  } finally {
    await server.close();
  }
}

interface Made {
  readonly id: string;
  readonly ms: number;
}

/** A service as the specification describes it: the newest pins first, created before `before`, `count` of all these. */
function service(pins: readonly Made[], written = (ms: number) => new Date(ms).toISOString(), countsAll = false) {
  return ({ query }: ReplayedRequest): Answer => {
    const before = query.get('before');
    const fits = pins.filter(({ ms }) => before === null || ms < Date.parse(before)).sort((a, b) => b.ms - a.ms);
    const page = fits.slice(0, Number(query.get('limit')));
    const results = page.map(({ id, ms }) => ({
      requestid: id,
      status: 'pinned',
      created: written(ms),
      pin: { cid: `cid-${id}` },
    }));
    return { body: JSON.stringify({ count: countsAll ? pins.length : fits.length, results }) };
  };
}

const NOON = Date.UTC(2026, 10, 28, 12);
const made = (count: number, msOf: (at: number) => number): Made[] =>
  Array.from({ length: count }, (_, at) => ({ id: String(at), ms: msOf(at) }));

describe('the pins of a pinning service', () => {
  it('come as the real one of a cluster responds, with every status', async () => {
    const { pins, reason, requests } = await open(() => recordedAnswer('test/fixtures/cluster/svc-pins.http'));
    assert.equal(reason, undefined);
    assert.deepEqual(pins[1], {
      cid: 'bafybeibkgm4enpe6luvzztq7f7ljofgmazsbrerui4ecury7ogpxoi2ma4',
      name: 'demo site',
      status: 'failed',
      pinnedAt: '2026-11-23T04:43:47.000Z',
      metadata: { app: 'ipfs-kit' },
      info: {
        source: 'IPFS cluster API',
        warning1: 'CID used for requestID. Conflicts possible',
        warning2: 'experimental',
      },
    });
    assert.equal(pins.length, 4);
    assert.deepEqual(
      requests.map(({ method, query }) => [method, query.get('limit'), query.get('status'), query.get('before')]),
      [['GET', '1000', 'queued,pinning,pinned,failed', null]],
    );
  });

  for (const [what, count, msOf] of [
    ['none', 0, () => NOON],
    ['exactly one page', 1000, (at: number) => NOON + at],
    ['one more than a page', 1001, (at: number) => NOON + at],
    ['several pages', 3456, (at: number) => NOON + 7 * at],
    ['several pages, many of them of the same moment', 3456, (at: number) => NOON + 1000 * Math.floor(at / 300)],
  ] as const)
    for (const countsAll of [false, true])
      it(`are complete, each once, when there are ${what}${countsAll ? ', counted all' : ''}`, async () => {
        const { pins, reason } = await open(service(made(count, msOf), undefined, countsAll));
        assert.deepEqual([reason, pins.length, new Set(pins.map(({ cid }) => cid)).size], [undefined, count, count]);
      });

  it('say why they failed, until when they are kept, and what was noted with them; what is longer than a text is cut or left out', async () => {
    const said = async (more: object, pin: object = {}): Promise<Partial<Pin>> => {
      const { pins } = await open(() => ({
        body: JSON.stringify({ count: 1, results: [{ requestid: '1', pin: { cid: 'a', ...pin }, ...more }] }),
      }));
      const { cid, ...others } = pins[0] ?? assert.fail();
      assert.equal(cid, 'a');
      return others;
    };
    const info = { status_details: 'no peer has it', dag_size: '7', pinned_until: '2027-01-01T00:00:00Z' };
    assert.deepEqual(
      await said(
        { status: 'failed', info, delegates: ['/ip4/1.2.3.4'] },
        { meta: { team: 'x', n: 1 }, origins: ['/ip4/1/p2p/Q'] },
      ),
      {
        status: 'failed',
        sizeBytes: 7,
        expiresAt: '2027-01-01T00:00:00.000Z',
        metadata: { team: 'x', n: '1' },
        origins: ['/ip4/1/p2p/Q'],
        info,
      },
    );
    const long = 'x'.repeat(5000);
    assert.deepEqual(await said({ info: { ...info, long } }), {
      ...{ sizeBytes: 7, expiresAt: '2027-01-01T00:00:00.000Z', info: { status_details: 'no peer has it' } },
    });
    assert.deepEqual(await said({ info: { status_details: long } }), { info: { status_details: 'x'.repeat(500) } });
    assert.deepEqual(await said({ info: { pinned_until: 'never' } }), { info: { pinned_until: 'never' } });
    for (const odd of [{ info: [], delegates: 7 }, { info: null, delegates: [7] }, { info: { pinned_until: '99999-01-01' } }])
      assert.deepEqual(
        Object.keys(await said(odd, { meta: [], origins: { a: 1 } })).join(),
        'pinned_until' in Object(odd.info) ? 'info' : '',
      );
    assert.deepEqual(await said({}, { meta: { team: long }, origins: [long] }), {});
  });

  it('take little memory, however deep and large what is said of them is', async () => {
    const [rows, deep] = [30, `[${'[],'.repeat(330_000)}7]`];
    const pin = (at: number): string => `{"requestid":"${at}","status":"failed","pin":{"cid":"a${at}","meta":{"m":${deep}}}}`;
    const body = `{"count":${rows},"results":[${Array.from({ length: rows }, (_, at) => pin(at)).join(',')}]}`;
    const before = heldHeap();
    let most = 0;
    const sampling = setInterval(() => (most = Math.max(most, heldHeap())), 1);
    const { pins } = await open(() => ({ body }));
    clearInterval(sampling);
    assert.deepEqual([pins.length, pins[7]?.metadata], [rows, undefined]);
    assert.ok(most > 0 && most - before < 120 * 2 ** 20, `${most - before} bytes`);
  });

  const row = (cid: string, more: object) => ({ status: 'pinned', created: new Date(NOON).toISOString(), pin: { cid }, ...more });
  const opened = async (...results: readonly object[]): Promise<readonly unknown[]> => {
    const { pins, leftOut } = await open(() => ({ body: JSON.stringify({ count: results.length, results }) }));
    return [...pins.map(({ cid, status }) => `${cid} ${status ?? ''}`), leftOut];
  };

  it('are requests: one CID may have several, and one id several CIDs', async () => {
    const [a1, a2, b1] = [
      row('a', { requestid: '1' }),
      row('a', { requestid: '2', status: 'failed' }),
      row('b', { requestid: '1' }),
    ];
    assert.deepEqual(await opened(a1, a2, b1), ['a pinned', 'a failed', 'b pinned', undefined]);
    assert.deepEqual(await opened(a1, b1, a1, b1), ['a pinned', 'b pinned', 'Left out: 2 sent twice.']);
  });

  it('are all listed where a service gives no ids, or calls them otherwise', async () => {
    const [first, second] = [row('a', { requestId: '1' }), row('a', { requestId: '2' })];
    assert.deepEqual(await opened(first, second, row('b', { requestid: 7 })), ['a pinned', 'a pinned', 'b pinned', undefined]);
    const nameless = service(made(2500, (at) => NOON + 1000 * Math.floor(at / 300)));
    const { pins, reason } = await open((request) => ({
      body: String(nameless(request).body).replace(/"requestid":"\d+",/g, ''),
    }));
    assert.deepEqual([reason, pins.length, new Set(pins.map(({ cid }) => cid)).size], [undefined, 2500, 2500]);
  });

  it('with a status that was not requested are left out, and counted', async () => {
    const rows = [
      row('a', { requestid: '1', status: 'deleted' }),
      row('b', { requestid: '2', status: 'PINNED' }),
      row('c', { requestid: '3', status: null }),
    ];
    assert.deepEqual(await opened(...rows), ['b PINNED', 'c ', 'Left out: 1 with a status that was not requested.']);
    for (const cid of ['a', 'b']) {
      const ofOneId = [row('a', { requestid: '1', status: 'deleted' }), row(cid, { requestid: '1' })];
      assert.deepEqual(await opened(...ofOneId), [`${cid} pinned`, 'Left out: 1 with a status that was not requested.']);
    }
  });

  it('come completely where the service counts only the rows of the page', async () => {
    const pages = service(made(2500, (at) => NOON + 7 * at));
    const { pins, reason } = await open((request) => {
      const { results } = JSON.parse(String(pages(request).body)) as { readonly results: readonly unknown[] };
      return { body: JSON.stringify({ count: results.length, results }) };
    });
    assert.deepEqual([reason, pins.length], [undefined, 2500]);
  });

  it('end if a service never stops sending pages: by time, and by bytes', async () => {
    const endless = (_: ReplayedRequest, turn: number): Answer => {
      const pin = { requestid: String(turn), created: new Date(NOON - 60_000 * turn).toISOString(), pin: { cid: `cid-${turn}` } };
      return { body: JSON.stringify({ count: 1_000_000, results: [pin] }) };
    };
    const late = await open(endless, 3000, NEVER, { totalMs: 200 });
    assert.deepEqual([late.reason, late.pins.length > 0], ['timeout', true]);
    const large = await open(endless, 3000, NEVER, { maxBytes: 1000 });
    assert.deepEqual([large.reason, large.pins.length > 0], ['too-large', true]);
  });

  it('are complete if times are written in seconds', async () => {
    const seconds = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;
    const { pins, reason } = await open(
      service(
        made(2500, (at) => NOON + 11 * at),
        seconds,
      ),
    );
    assert.deepEqual([reason, new Set(pins.map(({ cid }) => cid)).size], [undefined, 2500]);
  });

  it("are incomplete if more than a page have the same time, since the next page couldn't be requested", async () => {
    const { pins, reason } = await open(service(made(1500, () => NOON)));
    assert.deepEqual([reason, pins.length], ['truncated', 1000]);
  });

  it('are incomplete where a service gives the same page again and again', async () => {
    const first = service(made(1500, (at) => NOON + at));
    const { pins, reason, requests } = await open((request) =>
      first({ ...request, query: new URLSearchParams({ limit: '1000' }) }),
    );
    assert.deepEqual([reason, pins.length, requests.length], ['truncated', 1000, 2]);
  });

  it('wait as long as the service requests', async () => {
    const pages = service(made(1200, (at) => NOON + at));
    const began = Date.now();
    const { pins, requests } = await open((request, turn) =>
      turn === 1 ? { status: '429 Too Many Requests', headers: { 'retry-after': '1' } } : pages(request),
    );
    assert.deepEqual([pins.length, requests.length], [1200, 3]);
    assert.ok(Date.now() - began >= 1000);
  });

  it('fail as busy if the service asks to wait too long', async () => {
    const { reason, requests } = await open(() => ({ status: '429 Too Many Requests', headers: { 'retry-after': '3600' } }));
    assert.deepEqual([reason, requests.length], ['busy', 1]);
    const often = await open(() => ({ status: '429 Too Many Requests', headers: { 'retry-after': '0' } }));
    assert.deepEqual([often.reason, often.requests.length], ['busy', 6]);
  });

  it('are rejected if a request ID, or its substitute, is too long to be remembered', async () => {
    for (const row of [
      { requestid: '\u0100'.repeat(257), pin: { cid: 'Qm' } },
      { pin: { cid: 'Q'.repeat(257) } },
      { requestid: '1', pin: { cid: 'Q'.repeat(513) } },
    ])
      assert.equal((await open(() => ({ body: JSON.stringify({ count: 1, results: [row] }) }))).reason, 'malformed');
  });

  it('are incomplete past the memory limit of their texts', async () => {
    const { pins, reason } = await open(service(made(3, (at) => NOON - at)), 3000, NEVER, { mostTextBytes: 14 });
    assert.deepEqual([pins.map(({ cid }) => cid), reason], [['cid-0', 'cid-1'], 'too-large']);
  });

  it('are canceled while the service is waited for', async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 50);
    const { reason } = await open(
      () => ({ status: '429 Too Many Requests', headers: { 'retry-after': '2' } }),
      3000,
      controller.signal,
    );
    assert.equal(reason, 'cancelled');
  });

  it('that arrived before a page failed are shown, as an incomplete list', async () => {
    const pages = service(made(1200, (at) => NOON + at));
    const { pins, reason, message } = await open((request, turn) =>
      turn === 0
        ? pages(request)
        : { status: '500 Internal Server Error', body: '{"error":{"reason":"INTERNAL","details":"out of luck"}}' },
    );
    assert.deepEqual([reason, pins.length], ['http-status', 1000]);
    assert.match(message, /out of luck/);
  });

  const faults: [string, Answer, string][] = [
    ['requires a token', { status: '401 Unauthorized', body: '{"error":{"reason":"UNAUTHORIZED"}}' }, 'needs-token'],
    ['is not there', { status: '404 Not Found' }, 'no-such-route'],
    ['sends no JSON', { body: '<html>' }, 'malformed'],
    ['sends no list', { body: '{"count":1}' }, 'malformed'],
    ['sends null', { body: 'null' }, 'malformed'],
    ['sends pins without CIDs', { body: '{"count":1,"results":[{"requestid":"1","pin":null}]}' }, 'malformed'],
    ['is cut', { body: '{"count":0,"results":[]}', fault: { kind: 'cut', after: 10 } }, 'truncated'],
  ];
  for (const [what, answer, expected] of faults)
    it(`fail as ${expected} if it ${what}`, async () => assert.equal((await open(() => answer)).reason, expected));
});
