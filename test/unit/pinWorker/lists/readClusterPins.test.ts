import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { IpfsKitError } from '../../../../src/base/ipfsKitError';
import type { Pin } from '../../../../src/pin/pin';
import type { ColumnSource } from '../../../../src/pin/columnSource';
import { columnarTable } from '../../../../src/columns/columnarTable';
import type { StreamedListOptions } from '../../../../src/pinWorker/lists/streamedList';
import { readClusterPins } from '../../../../src/pinWorker/lists/readClusterPins';
import type { Answer } from '../../../support/replayServer';
import { lines, recordedAnswer, replayServer } from '../../../support/replayServer';

const NEVER = new AbortController().signal;

interface Opened {
  readonly pins: readonly Pin[];
  readonly details: readonly (readonly (readonly [string, string])[])[];
  readonly reason: string | undefined;
  readonly asked: readonly string[];
}

async function open(answer: Answer, bounds: Pick<StreamedListOptions, 'mostTextBytes'> = {}): Promise<Opened> {
  const server = await replayServer(() => answer);
  const asked = (): string[] => server.requests.map(({ method, path }) => `${method} ${path}`);
  try {
    const { columns, incomplete } = await readClusterPins(
      { access: { url: server.url, authorization: 'Basic abc' }, statuses: false },
      { ...bounds, signal: NEVER, onReceived: () => undefined, onSoFar: () => undefined },
    );
    for (const { headers } of server.requests) assert.equal(headers['authorization'], 'Basic abc');
    const table = columnarTable(columns, 'pins');
    const pins = await table.page({ limit: 10_000 }, NEVER);
    const details = await table.details(pins[0]?.cid ?? '', NEVER);
    return { pins, details, reason: incomplete?.reason, asked: asked() };
  } catch (error) {
    return { pins: [], details: [], reason: IpfsKitError.from(error).reason, asked: asked() };
  } finally {
    await server.close();
  }
}

interface Statuses {
  /** Statuses in the order of the list. */
  readonly statuses: readonly (string | undefined)[];
  readonly reason: string | undefined;
  readonly asked: readonly string[];
  /** For each intermediate list, the number of pins and the number of known statuses. */
  readonly before: readonly (readonly [pins: number, known: number])[];
}

/** `listed`: the response with the pins; `reported`: the response with their statuses. */
async function withStatuses(listed: Answer, reported: Answer, signal = NEVER): Promise<Statuses> {
  const server = await replayServer(({ path }) => (path === '/allocations' ? listed : reported));
  const soFar: Promise<readonly [number, number]>[] = [];
  const rowsOf = async (columns: ColumnSource): Promise<readonly Pin[]> =>
    columnarTable(columns, 'pins').page({ limit: 10_000 }, NEVER);
  try {
    const { columns, statusesMissing } = await readClusterPins(
      { access: { url: server.url }, statuses: true },
      {
        signal,
        onReceived: () => undefined,
        onSoFar: (early) =>
          soFar.push(rowsOf(early).then((pins) => [pins.length, pins.filter(({ status }) => status).length] as const)),
      },
    );
    const pins = await rowsOf(columns);
    return {
      statuses: pins.map(({ status }) => status),
      reason: statusesMissing?.reason,
      asked: server.requests.map(({ path }) => path),
      before: await Promise.all(soFar),
    };
  } finally {
    await server.close();
  }
}

const allocation = {
  cid: 'bafy1',
  name: 'one',
  mode: 'direct',
  type: 'meta-pin',
  replication_factor_min: 2,
  replication_factor_max: 3,
  allocations: ['12D3KooWA', '12D3KooWB'],
  timestamp: '2026-11-23T06:43:47.123456789+02:00',
  expire_at: '2027-01-01T00:00:00Z',
  metadata: { name: 'not its name', app: 'x' },
};

describe('the pin set of a cluster', () => {
  it('is listed by one GET, as the real one responds', async () => {
    const { pins, reason, asked } = await open(recordedAnswer('test/fixtures/cluster/allocations.http'));
    assert.deepEqual([reason, asked], [undefined, ['GET /allocations']]);
    const everywhere = { type: 'recursive', pinnedAt: '2026-11-23T04:43:47.000Z', replicasMin: -1, replicasMax: -1 };
    const peer = '12D3KooWQi8ceJ8nFKPPkfEJKz1tc7wHyF4KX6PfFGJY4AFNJVdM';
    assert.deepEqual(pins, [
      { cid: 'bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku', name: 'missing', ...everywhere },
      {
        ...{ cid: 'bafybeibkgm4enpe6luvzztq7f7ljofgmazsbrerui4ecury7ogpxoi2ma4', name: 'demo site', ...everywhere },
        metadata: { app: 'ipfs-kit' },
      },
      { cid: 'bafybeicbpzbcgickvbpoyey4fu3ota44gpn5ml6myw67qw3iiw3btqemy4', name: 'docs', ...everywhere },
      {
        ...{ cid: 'QmWpLmbM2YgbhUdqKaxMcYppdRjEbBXXaaFnNYCrvNSTyJ', name: 'hello', ...everywhere },
        ...{ replicas: 1, replicasMin: 1, replicasMax: 1, backend: peer, allocations: [peer] },
      },
    ]);
  });

  it('may be empty, which a real cluster reports by no content', async () => {
    const { pins, reason } = await open(recordedAnswer('test/fixtures/cluster/allocations-empty.http'));
    assert.deepEqual([pins, reason], [[], undefined]);
  });

  it('is complete even if metadata is nested deeper than it could be written', async () => {
    const deep = '{"a":'.repeat(100_000) + '1' + '}'.repeat(100_000);
    const { pins, reason } = await open({ body: `{"cid":"bafy1","metadata":${deep}}\n{"cid":"bafy2"}\n` });
    assert.deepEqual([reason, pins.length], [undefined, 2]);
  });

  it('has times in UTC, replicas, and in the details what makes no pin; metadata of a user is not its name', async () => {
    const { pins, details } = await open({ body: lines([{ ...allocation, name: '' }]) });
    assert.deepEqual(pins, [
      {
        ...{ cid: 'bafy1', type: 'direct', pinnedAt: '2026-11-23T04:43:47.123Z', replicas: 3, replicasMin: 2, replicasMax: 3 },
        ...{ backend: '12D3KooWA, 12D3KooWB', allocations: ['12D3KooWA', '12D3KooWB'] },
        ...{ expiresAt: '2027-01-01T00:00:00.000Z', metadata: { name: 'not its name', app: 'x' } },
      },
    ]);
    const [all] = details;
    assert.ok(all?.some(([name, value]) => name === 'cluster_type' && value === 'meta-pin'));
    assert.ok(all?.some(([name, value]) => name === 'expire_at' && value === '2027-01-01T00:00:00.000Z'));
    assert.ok(all?.some(([name, value]) => name === 'cluster_metadata' && value.includes('not its name')));
  });

  it('is rejected if a line is not UTF-8, or a CID longer than any', async () => {
    for (const body of [Buffer.from('{"cid":"Qm\xff"}\n', 'latin1'), lines([{ cid: 'Q'.repeat(513) }])])
      assert.deepEqual((await open({ body })).reason, 'malformed');
  });

  it('is incomplete past the memory limit of its texts', async () => {
    const body = lines(['one', 'two', 'six'].map((cid) => ({ cid, name: 'x'.repeat(10) })));
    const { pins, reason } = await open({ body }, { mostTextBytes: 30 });
    assert.deepEqual([pins.map(({ cid }) => cid), reason], [['one', 'two'], 'too-large']);
  });

  it('leaves out values of the wrong type', async () => {
    const odd = {
      cid: 'bafy1',
      name: 5,
      mode: [],
      type: {},
      allocations: [1],
      timestamp: 'soon',
      replication_factor_max: 'all',
      replication_factor_min: 1e300,
      expire_at: '12027-01-01T00:00:00Z',
      origins: {},
      metadata: [],
    };
    const { pins } = await open({ body: lines([odd, { cid: 'bafy2', allocations: null, metadata: null }]) });
    assert.deepEqual(pins, [{ cid: 'bafy1' }, { cid: 'bafy2' }]);
  });

  it('shows a limited number of peers for a pin', async () => {
    const { pins } = await open({
      body: lines([{ ...allocation, allocations: Array.from({ length: 100 }, () => 'x'.repeat(52)) }]),
    });
    assert.deepEqual([pins[0]?.backend, pins[0]?.allocations], [undefined, undefined]);
  });

  const fits = async (pins: readonly object[], ...filters: readonly string[]): Promise<readonly string[]> => {
    const server = await replayServer(({ path }) => ({
      body: path === '/pins' ? lines(pins.map((pin) => ({ peer_map: {}, ...pin }))) : lines(pins),
    }));
    try {
      const options = { signal: NEVER, onReceived: () => undefined, onSoFar: () => undefined };
      const { columns } = await readClusterPins({ access: { url: server.url }, statuses: true }, options);
      const table = columnarTable(columns, 'pins');
      const found = filters.map(async (filter) => (await table.page({ filter }, NEVER)).map(({ cid }) => cid).join(' '));
      return await Promise.all(found);
    } finally {
      await server.close();
    }
  };

  it('is filtered by expiry: the year 1 and 1970 mean never, and what is no time is unknown', async () => {
    const times = ['0001-01-01T00:00:00Z', '1970-01-01T01:00:00+01:00', '2027-01-01T00:00:00Z', '20270-01-01T00:00:00Z', 7];
    assert.deepEqual(
      await fits(
        times.map((expire_at, at) => ({ cid: `${at}`, expire_at })),
        ...['expires:never', '-expires:never', 'expires:<2027-01-02', '-expires:<2027-01-02', 'expires:>1d'],
      ),
      ['0 1', '2', '2', '0 1', '2'],
    );
  });

  it('is filtered by the peers that have a pin, where all of them were heard from', async () => {
    const peers = (...words: readonly string[]): object =>
      Object.fromEntries(words.map((status, at) => [`p${at}`, { peername: `p${at}`, status }]));
    const pin = (cid: string, least: number, ...words: readonly string[]): object => ({
      ...{ cid, replication_factor_min: least, peer_map: peers(...words) },
    });
    const pins = [
      pin('two', 2, 'pinned', 'pinned', 'remote'),
      pin('one', 2, 'pinned', 'pin_error'),
      pin('all', -1, 'pinned', 'pinned'),
      pin('not-all', -1, 'pinned', 'pin_queued'),
      { ...pin('unheard', 2, 'pinned'), allocations: ['p0', 'p1'] },
      pin('no-least', 0, 'pinned'),
      pin('new-word', 1, 'pinned', 'hibernating'),
    ];
    assert.deepEqual(await fits(pins, 'replicas:<min', '-replicas:<min', 'replicas:>=2', 'replicas:1', 'replicas:0'), [
      'one not-all',
      'two all',
      'two all',
      'one not-all no-least',
      '',
    ]);
  });

  it('is filtered by metadata, of which one that is too long to be kept is not known', async () => {
    const pins = [
      { cid: 'a', metadata: { team: 'Docs' } },
      { cid: 'b', metadata: null },
      { cid: 'c', metadata: { team: 'x'.repeat(5000) } },
      { cid: 'd', metadata: { other: 'docs' } },
    ];
    assert.deepEqual(await fits(pins, 'meta.team=docs', 'meta.team', '-meta.team', 'meta.team=doc'), ['a', 'a', 'b d', '']);
  });

  const faults: [string, Answer, string, number][] = [
    ['breaks off', { body: lines([allocation]), trailers: { 'X-Stream-Error': 'lost' } }, 'truncated', 1],
    ['is cut', { body: lines([allocation, allocation]), chunk: 100, fault: { kind: 'cut', after: 500 } }, 'truncated', 1],
    ['breaks off before its first line', { trailers: { 'X-Stream-Error': 'lost' } }, 'truncated', 0],
    ['requires a password', { status: '401 Unauthorized' }, 'needs-token', 0],
    ['sends no JSON', { body: `${lines([allocation])}no\n` }, 'malformed', 0],
    ['sends no CIDs', { body: lines([{ name: 'x' }]) }, 'malformed', 0],
  ];
  for (const [what, answer, expected, rows] of faults)
    it(`that ${what} is ${expected}, with ${rows} pins`, async () => {
      const { pins, reason } = await open(answer);
      assert.deepEqual([reason, pins.length], [expected, rows]);
    });
});

describe('the status of the pins of a cluster', () => {
  const listed = (...cids: string[]): Answer => ({ body: lines(cids.map((cid) => ({ ...allocation, cid }))) });
  const line = (cid: string, peers: Readonly<Record<string, string>>, allocations: unknown = []) => ({
    cid,
    allocations,
    peer_map: Object.fromEntries(Object.entries(peers).map(([peer, status]) => [peer, { peername: peer, status }])),
  });

  it('is requested after the list is shown, and is one word, as a real cluster responds', async () => {
    const { statuses, reason, asked, before } = await withStatuses(
      recordedAnswer('test/fixtures/cluster/allocations.http'),
      recordedAnswer('test/fixtures/cluster/pins.http'),
    );
    assert.deepEqual([statuses, reason], [['failed', 'failed', 'failed', 'failed'], undefined]);
    assert.deepEqual([asked, before], [['/allocations', '/pins'], [[4, 0]]]);
  });

  it("is the worst of its peers, without those that aren't allocated", async () => {
    const of: [string, Readonly<Record<string, string>>, string][] = [
      ['a', { A: 'pinned', B: 'pinned', C: 'remote' }, 'pinned'],
      ['b', { A: 'pinned', B: 'pin_error' }, 'failed'],
      ['c', { A: 'cluster_error', B: 'pinning' }, 'failed'],
      ['d', { A: 'pinned', B: 'pinning', C: 'pin_queued' }, 'pinning'],
      ['e', { A: 'pinned', B: 'pin_queued' }, 'queued'],
      ['f', { A: 'unpin_queued', B: 'pinned' }, 'unpinning'],
      ['g', { A: 'unexpectedly_unpinned' }, 'failed'],
      ['h', { A: 'unpinned', B: 'pinned' }, 'unpinned'],
      ['i', { A: 'an unknown future status', B: 'pinned' }, 'unknown'],
      ['j', { A: 'remote' }, 'unknown'],
      ['k', {}, 'unknown'],
      ['l', { A: 'sharded' }, 'pinned'],
      ['m', { A: 'constructor' }, 'unknown'],
    ];
    const { statuses } = await withStatuses(listed(...of.map(([cid]) => cid)), {
      body: lines(of.map(([cid, peers]) => line(cid, peers)).reverse()),
    });
    assert.deepEqual(
      statuses,
      of.map(([, , status]) => status),
    );
  });

  it("is unknown where an allocated peer reports nothing, and for pins that aren't in the list", async () => {
    const { statuses, reason } = await withStatuses(listed('a', 'b', 'c', 'd'), {
      body: lines([line('a', { A: 'pinned' }, ['A', 'B']), line('b', { A: 'pinning' }, ['A', 'B']), line('x', { A: 'pinned' })]),
    });
    assert.deepEqual([statuses, reason], [['unknown', 'pinning', 'unknown', 'unknown'], undefined]);
  });

  it('is not requested for an empty list', async () => {
    const { statuses, asked } = await withStatuses(recordedAnswer('test/fixtures/cluster/allocations-empty.http'), {});
    assert.deepEqual([statuses, asked], [[], ['/allocations']]);
  });

  it('is unknown for all if no pin is named any more, which a real cluster reports by no content', async () => {
    const { statuses, reason } = await withStatuses(listed('a'), recordedAnswer('test/fixtures/cluster/pins-empty.http'));
    assert.deepEqual([statuses, reason], [['unknown'], undefined]);
  });

  const good = lines([line('a', { A: 'pinned' })]);
  const faults: [string, Answer, string, string][] = [
    ['breaks off', { body: good, trailers: { 'X-Stream-Error': 'a peer is lost' } }, 'truncated', 'pinned'],
    ['is cut', { body: good + good, chunk: 50, fault: { kind: 'cut', after: 100 } }, 'truncated', 'pinned'],
    ['sends no JSON', { body: `${good}no\n` }, 'malformed', 'unknown'],
    ['sends pins without peers', { body: good + lines([{ cid: 'b' }]) }, 'malformed', 'unknown'],
    ['sends invalid peers', { body: lines([{ cid: 'a', peer_map: { A: 7, B: { status: {} } } }]) }, 'none', 'unknown'],
    ['is refused', { status: '500 Internal Server Error', body: '{"code":500,"message":"no"}' }, 'http-status', 'unknown'],
  ];
  for (const [what, answer, reason, first] of faults)
    it(`fails with reason ${reason} beside the complete list where the response ${what}`, async () => {
      const reported = await withStatuses(listed('a', 'b'), answer);
      assert.deepEqual([reported.statuses, reported.reason ?? 'none'], [[first, 'unknown'], reason]);
    });

  it("isn't requested if the list itself was cut off, and the result reports it", async () => {
    const broken = { body: lines([allocation]), trailers: { 'X-Stream-Error': 'lost' } };
    const { statuses, reason, asked } = await withStatuses(broken, {});
    assert.deepEqual([statuses, reason, asked], [['unknown'], 'truncated', ['/allocations']]);
  });

  it('can be canceled while the cluster waits for the peers', async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 100);
    await assert.rejects(withStatuses(listed('a'), { fault: { kind: 'mute' } }, controller.signal), (error) =>
      IpfsKitError.is(error, 'cancelled'),
    );
  });
});
