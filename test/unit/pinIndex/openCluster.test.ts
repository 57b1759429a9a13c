import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { IpfsKitError } from '../../../src/ipfsKitError';
import type { Pin } from '../../../src/pin/pin';
import { columnarTable } from '../../../src/pinIndex/columnarTable';
import { openCluster } from '../../../src/pinIndex/openCluster';
import type { Answer } from '../../support/replayServer';
import { lines, recordedAnswer, replayServer } from '../../support/replayServer';

const NEVER = new AbortController().signal;

interface Opened {
  readonly pins: readonly Pin[];
  readonly details: readonly (readonly (readonly [string, string])[])[];
  readonly reason: string | undefined;
  readonly asked: readonly string[];
}

async function open(answer: Answer): Promise<Opened> {
  const server = await replayServer(() => answer);
  const asked = (): string[] => server.requests.map(({ method, path }) => `${method} ${path}`);
  try {
    const { columns, incomplete } = await openCluster(
      { access: { url: server.url, authorization: 'Basic abc' } },
      { signal: NEVER, onReceived: () => undefined, onSoFar: () => undefined },
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
  it('is listed by one GET, as the real one answers', async () => {
    const { pins, reason, asked } = await open(recordedAnswer('test/fixtures/cluster/allocations.http'));
    assert.deepEqual([reason, asked], [undefined, ['GET /allocations']]);
    const pinnedAt = '2026-11-23T04:43:47.000Z';
    assert.deepEqual(pins, [
      { cid: 'bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku', name: 'missing', type: 'recursive', pinnedAt },
      { cid: 'bafybeibkgm4enpe6luvzztq7f7ljofgmazsbrerui4ecury7ogpxoi2ma4', name: 'demo site', type: 'recursive', pinnedAt },
      { cid: 'bafybeicbpzbcgickvbpoyey4fu3ota44gpn5ml6myw67qw3iiw3btqemy4', name: 'docs', type: 'recursive', pinnedAt },
      {
        cid: 'QmWpLmbM2YgbhUdqKaxMcYppdRjEbBXXaaFnNYCrvNSTyJ',
        name: 'hello',
        type: 'recursive',
        pinnedAt,
        replicas: 1,
        backend: '12D3KooWQi8ceJ8nFKPPkfEJKz1tc7wHyF4KX6PfFGJY4AFNJVdM',
      },
    ]);
  });

  it('may be empty, which the real one says by no content', async () => {
    const { pins, reason } = await open(recordedAnswer('test/fixtures/cluster/allocations-empty.http'));
    assert.deepEqual([pins, reason], [[], undefined]);
  });

  it('is whole where metadata is nested deeper than it could be written', async () => {
    const deep = '{"a":'.repeat(100_000) + '1' + '}'.repeat(100_000);
    const { pins, reason } = await open({ body: `{"cid":"bafy1","metadata":${deep}}\n{"cid":"bafy2"}\n` });
    assert.deepEqual([reason, pins.length], [undefined, 2]);
  });

  it('has times in UTC, replicas, and in the details what makes no pin; metadata of a user is not its name', async () => {
    const { pins, details } = await open({ body: lines([{ ...allocation, name: '' }]) });
    assert.deepEqual(pins, [
      { cid: 'bafy1', type: 'direct', pinnedAt: '2026-11-23T04:43:47.123Z', replicas: 3, backend: '12D3KooWA, 12D3KooWB' },
    ]);
    const [all] = details;
    assert.ok(all?.some(([name, value]) => name === 'cluster_type' && value === 'meta-pin'));
    assert.ok(all?.some(([name, value]) => name === 'expire_at' && value === '2027-01-01T00:00:00.000Z'));
    assert.ok(all?.some(([name, value]) => name === 'cluster_metadata' && value.includes('not its name')));
  });

  it('leaves out what is of another kind than it should be', async () => {
    const odd = {
      cid: 'bafy1',
      name: 5,
      mode: [],
      type: {},
      allocations: [1],
      timestamp: 'soon',
      replication_factor_max: 'all',
      metadata: [],
    };
    const { pins } = await open({ body: lines([odd, { cid: 'bafy2', allocations: null, metadata: null }]) });
    assert.deepEqual(pins, [{ cid: 'bafy1' }, { cid: 'bafy2' }]);
  });

  it('names no more peers than a pin is known by', async () => {
    const { pins } = await open({
      body: lines([{ ...allocation, allocations: Array.from({ length: 10 }, () => 'x'.repeat(52)) }]),
    });
    assert.equal(pins[0]?.backend, undefined);
  });

  const faults: [string, Answer, string, number][] = [
    ['breaks off', { body: lines([allocation]), trailers: { 'X-Stream-Error': 'lost' } }, 'truncated', 1],
    ['is cut', { body: lines([allocation, allocation]), chunk: 100, fault: { kind: 'cut', after: 500 } }, 'truncated', 1],
    ['breaks off before its first line', { trailers: { 'X-Stream-Error': 'lost' } }, 'truncated', 0],
    ['wants a password', { status: '401 Unauthorized' }, 'needs-token', 0],
    ['sends no JSON', { body: `${lines([allocation])}no\n` }, 'malformed', 0],
    ['sends no CIDs', { body: lines([{ name: 'x' }]) }, 'malformed', 0],
  ];
  for (const [what, answer, expected, rows] of faults)
    it(`that ${what} is ${expected}, with ${rows} pins`, async () => {
      const { pins, reason } = await open(answer);
      assert.deepEqual([reason, pins.length], [expected, rows]);
    });
});
