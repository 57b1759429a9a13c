import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { cidForms, decodeCid } from '../../../src/pin/cid';
import type { Routes } from '../../support/daemonStandIn';
import { cluster, kubo, withStandIn } from '../../support/daemonStandIn';
import { errorIn, runKit } from '../../support/kit';
import { python } from '../../support/python';
import { lines } from '../../support/replayServer';

const folder = mkdtempSync(path.join(tmpdir(), 'compare-'));
const database = path.join(folder, 'pins.db');
after(() => rmSync(folder, { recursive: true, force: true }));

/** In both sources, in two versions. */
const BOTH = 'QmWpLmbM2YgbhUdqKaxMcYppdRjEbBXXaaFnNYCrvNSTyJ';
const BOTH_V1 = cidForms(decodeCid(BOTH) ?? assert.fail()).v1;
/** The same bytes as a raw block: another content. */
const RAW = 'bafkreid56v4s4762yylyoe4jajayek3m5i65gijlxvr7ehsyhalzbb3xqe';
const RENAMED = 'bafkreibnoe2rcltcs2cs62egrmhg6uckhb2mcjoakpqnzcmkz4ncnn2d2q';
const FAILED = 'bafybeibkgm4enpe6luvzztq7f7ljofgmazsbrerui4ecury7ogpxoi2ma4';

before(() => {
  const code = `import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.execute('create table pins (cid text primary key, name text, status text)')
db.executemany('insert into pins values (?, ?, ?)', [(sys.argv[2], 'a', None), (sys.argv[3], 'raw', None), (sys.argv[4], 'old', None), (sys.argv[5], 'f', 'pinned'), ('text', None, None)])
db.commit()`;
  python(code, database, BOTH, RAW, RENAMED, FAILED);
});

const allocation = (cid: string, name: string): object => ({ cid, name, allocations: [], timestamp: '1970-01-01T00:00:01Z', type: 'pin', mode: 'recursive' }); // prettier-ignore
const ALLOCATIONS = [
  allocation(BOTH_V1, 'a'),
  allocation(RENAMED, 'new'),
  allocation(FAILED, 'f'),
  allocation('bafkqaaa', 'only'),
];
const ROUTES: Routes = {
  'GET /id': cluster('id'),
  'GET /allocations': { body: lines(ALLOCATIONS) },
  'GET /pins': {
    body: lines([BOTH_V1, RENAMED, FAILED, 'bafkqaaa'].map((cid) => ({ cid, peer_map: { alder: { status: cid === FAILED ? 'pin_error' : 'pinned' } } }))), // prettier-ignore
  },
  'POST /api/v0/id': kubo('id'),
};

interface Compared {
  readonly left: readonly { readonly cid: string }[];
  readonly right: readonly { readonly cid: string }[];
  readonly changed: readonly object[];
  readonly both: number;
  readonly incomplete?: true;
  readonly sources: readonly { readonly id: string; readonly incomplete?: true; readonly error?: { readonly reason: string } }[];
}

describe('kit compare', () => {
  it('says what only one of two sources lists, and which names and statuses differ', () =>
    withStandIn(ROUTES, async (url) => {
      const { status, out, err } = await runKit(['compare', 'ipfs_kit_py', 'cluster', '--database', database, '--cluster', url, '--json']); // prettier-ignore
      assert.deepEqual([status, err], [0, ''], out);
      const { left, right, changed, both, sources, ...rest } = JSON.parse(out) as Compared;
      assert.deepEqual(
        [left, right.map(({ cid }) => cid)],
        [[{ cid: RAW, name: 'raw' }, { cid: 'text' }], ['bafkqaaa']], // prettier-ignore
      );
      assert.deepEqual(changed, [
        { cid: RENAMED, left: { cid: RENAMED, name: 'old' }, right: { cid: RENAMED, name: 'new', status: 'pinned' } },
        { cid: FAILED, left: { cid: FAILED, name: 'f', status: 'pinned' }, right: { cid: FAILED, name: 'f', status: 'failed' } },
      ]);
      assert.deepEqual([both, rest, sources.map(({ id, ...facts }) => [id, facts])], [3, {}, [['ipfs_kit_py', { name: 'ipfs_kit_py', freshness: 'snapshot' }], ['cluster', { name: 'IPFS Cluster', freshness: 'live' }]]]); // prettier-ignore

      const swapped = await runKit(['compare', 'cluster', 'ipfs_kit_py', '--database', database, '--cluster', url, '--ndjson']);
      const rows = swapped.out.trimEnd().split('\n').map((line) => JSON.parse(line) as { in: string; cid: string }); // prettier-ignore
      assert.deepEqual(
        rows.map((row) => `${row.in} ${row.cid}`),
        ['left bafkqaaa', `right ${RAW}`, 'right text', `changed ${RENAMED}`, `changed ${FAILED}`],
      );
      assert.equal(swapped.status, 0);
    }));

  it('prints what is known and fails where a list is incomplete or missing, which never makes content missing', () =>
    withStandIn(
      { ...ROUTES, 'GET /allocations': { body: lines(ALLOCATIONS), fault: { kind: 'cut', after: 300 } } },
      async (url) => {
        const run = async (...args: readonly string[]): Promise<[number | null, Compared]> => {
          const { status, out } = await runKit(['compare', ...args, '--database', database, '--cluster', url]);
          return [status, JSON.parse(out) as Compared];
        };
        const [status, cut] = await run('ipfs_kit_py', 'cluster');
        assert.deepEqual([status, cut.incomplete, cut.left], [1, true, []], 'the rest of the cluster may have them');
        assert.deepEqual([cut.both > 0, cut.sources[1]?.incomplete, cut.sources[1]?.error?.reason], [true, true, 'truncated']);

        const [missing, none] = await run('ipfs_kit_py', 'kubo', '--kubo', 'http://127.0.0.1:9').catch(() => assert.fail());
        assert.equal(missing, 1);
        assert.equal((none as unknown as { error: { reason: string } }).error.reason, 'invalid-argument');
        const refused = await runKit(['compare', 'ipfs_kit_py', 'kubo', '--database', database, '--kubo', 'http://127.0.0.1:9']);
        const known = JSON.parse(refused.out) as Compared;
        assert.deepEqual([refused.status, known.incomplete, known.left, known.right, known.both], [1, true, [], [], 0]);
        assert.equal(known.sources[1]?.error?.reason, 'refused');
      },
    ));

  it('compares content that both list any number of times, under any names', async () => {
    const often = path.join(folder, 'often.db');
    const rows = 40_000;
    const code = `import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.execute('create table pins (cid text, name text, status text)')
cid, rows = sys.argv[2], int(sys.argv[3])
db.executemany('insert into pins values (?, ?, ?)', [(cid, f'left {at}', None) for at in range(rows)] + [(cid, 'both', None)] * rows + [(cid, 'f', f's{at}') for at in range(rows)])
db.commit()`;
    python(code, often, BOTH, String(rows));
    const names = Array.from({ length: rows }, (_, at) => allocation(BOTH_V1, `right ${at}`));
    const routes = {
      ...ROUTES,
      'GET /allocations': { body: lines([allocation(BOTH_V1, 'both'), allocation(BOTH_V1, 'f'), ...names]) },
      'GET /pins': { body: '' },
    };
    await withStandIn(routes, async (url) => {
      const { status, out } = await runKit(['compare', 'ipfs_kit_py', 'cluster', '--database', often, '--cluster', url]);
      const { left, right, changed, both } = JSON.parse(out) as Compared;
      assert.deepEqual([status, left, right, both], [0, [], [], 1], out.slice(0, 1000));
      assert.deepEqual(changed, [
        { cid: BOTH, left: { cid: BOTH, name: 'left 0' }, right: { cid: BOTH_V1, name: 'right 0', status: 'unknown' } },
      ]);
    });
  });

  it('takes two sources, and fails with an error where neither can be listed', async () => {
    for (const args of [[], ['kubo'], ['kubo', 'kubo'], ['kubo', 'cluster', 'files'], ['kubo', 'cluster', '--all-sources']]) {
      const run = await runKit(['compare', ...args]);
      assert.deepEqual([run.status, errorIn(run).reason], [1, 'invalid-argument']);
    }
    const run = await runKit(['compare', 'ipfs_kit_py', 'kubo', '--database', '/nowhere', '--kubo', 'http://127.0.0.1:9']);
    assert.deepEqual([run.status, errorIn(run).reason], [1, 'missing']);
  });
});
