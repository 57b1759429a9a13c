import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { changesText } from '../../../../src/daemonClient/cluster/clusterPinOptions';
import type { ClusterPinned, ClusterPinOptions } from '../../../../src/daemonClient/cluster/clusterRest';
import { clusterPin } from '../../../../src/daemonClient/cluster/clusterRest';
import type { Reason } from '../../../../src/base/ipfsKitError';
import { IpfsKitError } from '../../../../src/base/ipfsKitError';
import type { ClusterRecord } from '../../../support/clusterStandIn';
import { clusterStandIn } from '../../../support/clusterStandIn';
import type { Routes } from '../../../support/daemonStandIn';
import { cluster, json, withStandIn } from '../../../support/daemonStandIn';
import type { Answer } from '../../../support/replayServer';

const CID = 'bafybeibkgm4enpe6luvzztq7f7ljofgmazsbrerui4ecury7ogpxoi2ma4';
const FROM = 'bafybeidmq32dm43exzlxfzgdfq44e6uov4mk4n4k26qmatwrspsgtspo2a';
const PEER = '12D3KooWSdXgMJ4zedJFifGaNJFeDhuyiNYPSgHidbMaJztqGZ1L';

interface Pinned {
  /** Undefined if the change was rejected. */
  readonly pinned: ClusterPinned | undefined;
  readonly error: { readonly reason: Reason; readonly message: string } | undefined;
  /** The query of the POST; undefined if none was sent. */
  readonly sent: Readonly<Record<string, string>> | undefined;
}

async function pin(routes: Routes, options: ClusterPinOptions = {}): Promise<Pinned> {
  let outcome: Pinned | undefined;
  await withStandIn(routes, async (url, { requests }) => {
    let pinned: ClusterPinned | undefined;
    let error: IpfsKitError | undefined;
    try {
      pinned = await clusterPin({ url }, CID, { settleMs: 60, everyMs: 5, ...options });
    } catch (thrown) {
      error = IpfsKitError.from(thrown);
    }
    const post = requests.find(({ method }) => method === 'POST');
    outcome = { pinned, error, sent: post && Object.fromEntries(post.query) };
  });
  assert.ok(outcome);
  return outcome;
}

const said = ({ pinned }: Pinned): string => changesText(pinned?.changes ?? []);

const EVERYWHERE = { 'replication-min': '-1', 'replication-max': '-1' };
const PLAIN = { mode: 'recursive', ...EVERYWHERE, 'shard-size': '0' };

describe('pinning what a cluster has pinned already', () => {
  const fields: [string, ClusterRecord, Readonly<Record<string, string>>][] = [
    ['nothing', {}, {}],
    ['its name', { name: 'a & b=c; #1, ü' }, { name: 'a & b=c; #1, ü' }],
    ['its mode', { mode: 'direct' }, { mode: 'direct' }],
    [
      'how many peers are to have it',
      { replication_factor_min: 1, replication_factor_max: 3 },
      { 'replication-min': '1', 'replication-max': '3' },
    ],
    ['the peers that were chosen for it', { user_allocations: [PEER, 'QmPeer'] }, { 'user-allocations': `${PEER},QmPeer` }],
    ['when it expires', { expire_at: '2099-01-02T03:04:05+02:00' }, { 'expire-at': '2099-01-02T03:04:05+02:00' }],
    [
      'its metadata, whatever its keys are',
      { metadata: { 'a b&c=+%': ' ü\n', empty: '' } },
      { 'meta-a b&c=+%': ' ü\n', 'meta-empty': '' },
    ],
    [
      'where its content comes from',
      { origins: [`/ip4/1.2.3.4/tcp/1/p2p/${PEER}`, `/dnsaddr/x.org/ipfs/${PEER}`] },
      { origins: `/ip4/1.2.3.4/tcp/1/p2p/${PEER},/dnsaddr/x.org/ipfs/${PEER}` },
    ],
    ['the size of its shards', { shard_size: 123_456 }, { 'shard-size': '123456' }],
  ];
  for (const [what, record, sent] of fields)
    it(`sends back ${what}, and finds it unchanged`, async () => {
      const standIn = clusterStandIn(CID, record);
      const before = standIn.record();
      const outcome = await pin(standIn.routes);
      assert.deepEqual(outcome.sent, { ...PLAIN, ...sent });
      assert.deepEqual([outcome.pinned?.changes, outcome.error], [[], undefined]);
      assert.deepEqual(
        { ...standIn.record(), timestamp: '' },
        { ...(JSON.parse(JSON.stringify(before)) as object), timestamp: '' },
      );
    });

  it('changes only what is given', async () => {
    const standIn = clusterStandIn(CID, { name: 'old', metadata: { app: 'x' }, expire_at: '2099-01-01T00:00:00Z' });
    const { sent, pinned } = await pin(standIn.routes, { name: 'new', replicationMin: 1, replicationMax: 2 });
    assert.deepEqual(sent, {
      ...{ ...PLAIN, name: 'new', 'replication-min': '1', 'replication-max': '2' },
      ...{ 'expire-at': '2099-01-01T00:00:00Z', 'meta-app': 'x' },
    });
    assert.deepEqual([pinned?.before?.['name'], pinned?.changes], ['old', []]);
  });

  it('sends nothing for a time that means never, or for unknown values', async () => {
    for (const expire_at of ['0001-01-01T00:00:00Z', '1970-01-01T01:00:00+01:00', null, undefined])
      assert.deepEqual((await pin(clusterStandIn(CID, { expire_at, metadata: {}, origins: null }).routes)).sent, PLAIN);
    assert.deepEqual(
      (await pin({ [`GET /allocations/${CID}`]: json({ cid: CID }), [`POST /pins/${CID}`]: json({ cid: CID }) })).sent,
      {},
    );
  });

  it('names the pin that it was updated from only while that has the same options: Cluster takes them from there', async () => {
    for (const [from, isNamed] of [
      [{ name: 'other', metadata: { app: 'x' } }, true],
      [{ metadata: { app: 'y' } }, false],
      [{ metadata: { app: 'x' }, expire_at: '2099-01-01T00:00:00Z' }, false],
      [undefined, false],
    ] as const) {
      const routes = {
        ...clusterStandIn(FROM, from).routes,
        ...clusterStandIn(CID, { name: 'n', metadata: { app: 'x' }, pin_update: FROM }).routes,
      };
      const outcome = await pin(routes);
      assert.equal(outcome.sent?.['pin-update'], isNamed ? FROM : undefined);
      assert.equal(said(outcome), isNamed ? '' : `pin_update was ${FROM}, is now none`);
    }
  });

  const lossy: [string, ClusterRecord, RegExp][] = [
    ['a number that is too large to be read', { shard_size: 2 ** 60 }, /shard_size/],
    ['an invalid number', { replication_factor_min: '1' }, /replication_factor_min/],
    ['an invalid time', { expire_at: 'tomorrow' }, /expire_at would be lost: tomorrow can't be sent/],
    ['a day that there is not', { expire_at: '2099-02-31T00:00:00Z' }, /expire_at/],
    ['an hour that there is not', { expire_at: '2099-01-01T24:00:00Z' }, /expire_at/],
    ['a time that is over', { expire_at: '2020-01-01T00:00:00Z' }, /expired at 2020-01-01/],
    ['an origin without a peer', { origins: ['/ip4/1.2.3.4/tcp/1'] }, /origins/],
    ['an origin with a comma', { origins: [`/unix/a,b/p2p/${PEER}`] }, /origins/],
    ['peers that are no list', { user_allocations: PEER }, /user_allocations/],
    ['a peer with a comma', { user_allocations: ['a,b'] }, /user_allocations/],
    ['half a character', { metadata: { a: '\ud800' } }, /metadata/],
    ['metadata without a key', { metadata: { '': 'x' } }, /metadata/],
    ['metadata that is no text', { metadata: { a: 7 } }, /metadata would be lost: \{"a":7\}/],
    ['metadata that is a list', { metadata: ['x'] }, /metadata/],
    ['a pin of many shards', { type: 'meta-pin' }, /type would be lost: a meta-pin/],
  ];
  for (const [what, record, about] of lossy)
    it(`sends nothing where ${what} would be lost`, async () => {
      const { sent, error } = await pin(clusterStandIn(CID, record).routes, { name: 'new' });
      assert.deepEqual([sent, error?.reason], [undefined, 'unsupported']);
      assert.match(error?.message ?? '', /pinned already, and was not pinned again: Its /);
      assert.match(error?.message ?? '', about);
    });

  const unread: [string, Answer, Reason][] = [
    ['the cluster fails', json({ code: 500, message: 'boom' }, '500 Internal Server Error'), 'http-status'],
    ['a token is required', json({ code: 401 }, '401 Unauthorized'), 'needs-token'],
    ['the route leads elsewhere', { status: '302 Found', headers: { location: '/' } }, 'foreign'],
    ['a reverse proxy has no such route', { status: '404 Not Found', body: '<html>404 Not Found</html>' }, 'foreign'],
    ['a reverse proxy sends only the status', { status: '404 Not Found', body: '' }, 'foreign'],
    ['a reverse proxy sends its own error', json({ code: 5, message: 'x' }, '404 Not Found'), 'foreign'],
    ['the response is truncated', { ...json({ cid: CID }), fault: { kind: 'cut', after: 10 } }, 'truncated'],
    ["the response isn't JSON", { body: '<html>' }, 'foreign'],
    ['the response is a list', json([]), 'foreign'],
    ['the response is about another pin', json({ cid: FROM }), 'foreign'],
    ['the response is about no pin', json({ name: 'x' }), 'foreign'],
    ['the response is empty', { status: '204 No Content' }, 'http-status'],
    ['the response is larger than any pin', json({ cid: CID, name: 'x'.repeat(2 ** 18) }), 'too-large'],
  ];
  for (const [what, answer, reason] of unread)
    it(`sends nothing where ${what}, and says that`, async () => {
      const { sent, error } = await pin(
        { ...clusterStandIn(CID, {}).routes, [`GET /allocations/${CID}`]: answer },
        { name: 'new' },
      );
      assert.deepEqual([sent, error?.reason], [undefined, reason]);
      assert.match(error?.message ?? '', /was not pinned, since its options can't be read: /);
    });

  it('reports what the cluster changed nevertheless, including unknown options', async () => {
    const standIn = clusterStandIn(CID, { metadata: { app: 'x' }, priority: 5 }, (stored) => ({
      ...{ ...stored, expire_at: '2099-01-01T00:00:00Z', mode: 'direct' },
      allocations: [PEER],
    }));
    assert.deepEqual(
      said(await pin(standIn.routes))
        .split('; ')
        .sort(),
      [
        `allocations was none, is now ["${PEER}"]`,
        'expire_at was none, is now 2099-01-01T00:00:00Z',
        'mode was recursive, is now direct',
        'priority was 5, is now none',
      ],
    );
  });

  it('ignores differences in order, time zone and the notation of empty values', async () => {
    const before = {
      expire_at: '2099-01-01T02:00:00+02:00',
      origins: null,
      user_allocations: null,
      allocations: ['A', 'B'],
      metadata: { a: '1', b: '2' },
    };
    const after = { expire_at: '2099-01-01T00:00:00Z', allocations: ['B', 'A'], metadata: { b: '2', a: '1' } };
    assert.equal(said(await pin(clusterStandIn(CID, before, (stored) => ({ ...stored, ...after })).routes)), '');
  });

  it('reports what was changed if the cluster rejects an option, and pins without it', async () => {
    const standIn = clusterStandIn(CID, { metadata: { app: 'x' } }, (stored) => ({ ...stored, metadata: null }));
    const post = standIn.routes[`POST /pins/${CID}`];
    assert.ok(post);
    const refusing: Routes = {
      ...standIn.routes,
      [`POST /pins/${CID}`]: (request) => {
        post(request);
        return json({ code: 400, message: "expire-at can't be parsed" }, '400 Bad Request');
      },
    };
    const { error } = await pin(refusing);
    assert.match(
      error?.message ?? '',
      /was changed nevertheless: metadata was \{"app":"x"\}, is now none: .*expire-at can't be parsed/,
    );
  });

  it('waits for a cluster that writes pins in batches, and does not judge one that takes longer', async () => {
    const old = { cid: CID, name: 'old', timestamp: '2026-11-23T04:43:47Z' };
    const fresh = { cid: CID, name: 'new', timestamp: '2026-11-29T12:00:00Z' };
    const posted = json({ ...fresh, timestamp: '2026-11-29T12:00:00.5Z' });
    const turns = (...records: readonly object[]): Routes => ({
      [`GET /allocations/${CID}`]: records.map((record) => json(record)),
      [`POST /pins/${CID}`]: posted,
    });
    assert.deepEqual((await pin(turns(old, old, old, fresh), { name: 'new' })).pinned?.changes, []);
    assert.equal((await pin(turns(old), { name: 'new' })).pinned?.changes, undefined);
  });

  it("doesn't report options as preserved if they can't be read afterwards", async () => {
    const { routes } = clusterStandIn(CID, { name: 'x' });
    for (const then of [json({}, '500 Internal Server Error'), cluster('unpin-unknown')])
      assert.equal(
        (await pin({ ...routes, [`GET /allocations/${CID}`]: [json({ cid: CID, name: 'x' }), then] })).pinned?.changes,
        undefined,
      );
  });
});

describe('pinning what a cluster has not pinned', () => {
  it('sends only what is given', async () => {
    const { sent, pinned } = await pin(clusterStandIn(CID, undefined).routes, { name: 'new' });
    assert.deepEqual([sent, pinned], [{ name: 'new' }, { before: undefined, changes: [] }]);
  });
});
