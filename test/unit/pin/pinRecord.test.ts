import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Pin } from '../../../src/pin/pin';
import { MAX_TEXT } from '../../../src/pin/pin';
import { shapeOf } from '../../../src/pin/columnNames';
import { sizeOf, timeOf, toPin } from '../../../src/pin/pinRecord';

function pinOf(row: Record<string, unknown>): Pin | undefined {
  const shape = shapeOf(Object.keys(row));
  return shape && toPin(shape, (column) => row[column]);
}

const CID = 'bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi';

describe('a row becomes a pin', () => {
  it('without lists that are too long to be shown, in every kind of source', () => {
    const listed = (length: number): string => JSON.stringify(['x'.repeat(length - 4)]);
    const row = { cid: CID, cluster_allocations: listed(MAX_TEXT), pin_origins: listed(MAX_TEXT + 1) };
    assert.deepEqual(pinOf(row), { cid: CID, allocations: ['x'.repeat(MAX_TEXT - 4)] });
  });

  it('from the ten columns of the Arrow schema', () => {
    const row = {
      cid: CID,
      name: 'readme',
      size_bytes: 1688n,
      pin_type: 'recursive',
      timestamp: new Date(1_795_408_997_481),
      metadata: '{"a":1}',
      backend: 'ipfs',
      replication_factor: 2,
      verified: true,
      last_access: null,
    };
    assert.deepEqual(pinOf(row), {
      cid: CID,
      name: 'readme',
      type: 'recursive',
      sizeBytes: 1688,
      pinnedAt: '2026-11-23T05:23:17.481Z'.replace('05:23:17', new Date(1_795_408_997_481).toISOString().slice(11, 19)),
      replicas: 2,
      backend: 'ipfs',
      integrity: 'verified',
    });
  });

  it('from the wide columns, with seconds as doubles and 0 for what is not known', () => {
    const row = {
      cid: CID,
      pin_type: 'direct',
      timestamp: 1_700_000_000.25,
      size_bytes: 0,
      last_accessed: 0,
      primary_tier: 'local',
      vfs_path: '/a/b',
      integrity_status: 'unverified',
    };
    assert.deepEqual(pinOf(row), {
      cid: CID,
      type: 'direct',
      pinnedAt: '2023-11-14T22:13:20.250Z',
      vfsPath: '/a/b',
      tier: 'local',
      integrity: 'unverified',
    });
  });

  it('with name and size out of the metadata where there are no columns for them', () => {
    assert.deepEqual(pinOf({ cid: CID, metadata: '{"name":"readme","size_bytes":5}' }), {
      cid: CID,
      name: 'readme',
      sizeBytes: 5,
    });
    assert.deepEqual(pinOf({ cid: CID, metadata: '{broken' }), { cid: CID });
    assert.deepEqual(pinOf({ cid: CID, metadata: '[1]' }), { cid: CID });
    assert.deepEqual(pinOf({ cid: CID, metadata: Buffer.from('{"name":"bytes"}') }), { cid: CID });
    assert.deepEqual(pinOf({ cid: CID, cluster_metadata: Buffer.from('team') }), { cid: CID });
  });

  it('with column names in any case, and a boolean for the type', () => {
    assert.deepEqual(pinOf({ CID, Recursive: false, File_Size: '12' }), { cid: CID, type: 'direct', sizeBytes: 12 });
  });

  it('never without a CID', () => {
    assert.equal(pinOf({ cid: null, name: 'x' }), undefined);
    assert.equal(pinOf({ cid: '', name: 'x' }), undefined);
    assert.equal(shapeOf(['name', 'size']), undefined);
  });

  it('with sizes past 2^53 as text, and without invalid sizes', () => {
    assert.deepEqual(pinOf({ cid: CID, size: 9_007_199_254_740_993n }), { cid: CID, sizeBytes: '9007199254740993' });
    for (const size of [-1, Number.NaN, Number.POSITIVE_INFINITY, 'large', '', null])
      assert.deepEqual(pinOf({ cid: CID, size }), { cid: CID }, String(size));
  });

  it('with long text cut and marked, never through a surrogate pair', () => {
    const { name } = pinOf({ cid: CID, name: '😀'.repeat(60_000) }) as { name: string };
    assert.equal(name.length, MAX_TEXT + 1);
    assert.ok(name.endsWith('😀…'));
    const odd = (pinOf({ cid: CID, name: `x${'😀'.repeat(60_000)}` }) as { name: string }).name;
    assert.ok(odd.endsWith('😀…') && odd.length === MAX_TEXT);
  });
});

describe('a list in JSON', () => {
  const tierOf = (storage_tiers: unknown): string | undefined => pinOf({ cid: CID, storage_tiers })?.tier;

  it('reads as its names', () => {
    assert.equal(tierOf('["local","ipfs"]'), 'local, ipfs');
    assert.equal(pinOf({ cid: CID, backend: '["s3"]' })?.backend, 's3');
  });

  it("doesn't take the state “names unavailable” for a status", () => assert.equal(tierOf('[]'), undefined));

  it('of anything else stays the text that it is', () => {
    for (const text of ['local', '[', '["a",1]', '[["a"]]', '{"a":1}']) assert.equal(tierOf(text), text);
  });
});

describe('a size', () => {
  const cases: [unknown, number | string | undefined][] = [
    [12.75, 12],
    ['9007199254740993', '9007199254740993'],
    [2n ** 64n - 1n, '18446744073709551615'],
    [2n ** 64n, undefined],
    [1e300, undefined],
    [0, undefined],
    [-1, undefined],
    ['many', undefined],
  ];
  for (const [value, expected] of cases)
    it(`${typeof value === 'bigint' ? `${value}n` : JSON.stringify(value)} reads as ${expected ?? 'nothing'}`, () =>
      assert.equal(sizeOf(value), expected));
});

describe('a time', () => {
  const cases: [unknown, string | undefined][] = [
    ['2025-07-27T08:00:00', '2025-07-27T08:00:00.000Z'],
    ['2025-07-27 08:00:00.123456', '2025-07-27T08:00:00.123Z'],
    ['2025-07-27T08:00:00+02:00', '2025-07-27T06:00:00.000Z'],
    ['2025-07-27T08:00:00-0130', '2025-07-27T09:30:00.000Z'],
    ['2025-07-27', '2025-07-27T00:00:00.000Z'],
    [1.001, '1970-01-01T00:00:01.001Z'],
    [1_700_000_000, '2023-11-14T22:13:20.000Z'],
    [1_700_000_000_000, '2023-11-14T22:13:20.000Z'],
    [1_700_000_000_000_000n, '2023-11-14T22:13:20.000Z'],
    ['1700000000.5', '2023-11-14T22:13:20.500Z'],
    [new Date(86_400_000), '1970-01-02T00:00:00.000Z'],
    ['2025-13-40', undefined],
    ['yesterday', undefined],
    [0, undefined],
    [-5, undefined],
    [Number.NaN, undefined],
    [1e300, undefined],
    [new Date(Number.NaN), undefined],
    [null, undefined],
    [{}, undefined],
  ];
  for (const [value, expected] of cases)
    it(`${typeof value === 'bigint' ? `${value}n` : JSON.stringify(value)} reads as ${expected ?? 'nothing'}`, () =>
      assert.equal(timeOf(value), expected));
});
