import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { CID } from 'multiformats/cid';
import { parseJson } from '../../../src/pin/looseJson';
import { because, causeOf, sentences } from '../../../src/base/causes';
import type { Reason } from '../../../src/base/ipfsKitError';
import { IpfsKitError } from '../../../src/base/ipfsKitError';
import { openIpfsKitList } from '../../../src/pinSource/ipfsKitListing';
import { createPinWorkerHandle } from '../../../src/pinWorker/pinWorkerHandle';
import { probe } from '../../../src/daemonClient/ipfsKit/probe';
import { createClusterSource } from '../../../src/pinSource/clusterSource';
import { hasKubo } from '../../../src/pinSource/expectedSources';
import { createKuboSource } from '../../../src/pinSource/kuboSource';
import { createPinningServiceSource } from '../../../src/pinSource/pinningServiceSource';
import type { PinSource } from '../../../src/pinSource/pinSource';
import { blockSources } from '../../../src/vfs/blockSources';
import { createVerifiedBlocks } from '../../../src/vfs/verifiedBlocks';
import { testFolder } from '../../support/folder';
import { importTree, writeRepository } from '../../support/ipfsTree';
import type { Routes } from '../../support/daemonStandIn';
import { json, withStandIn } from '../../support/daemonStandIn';
import { needs, POSIX } from '../../support/needs';

const folder = testFolder('causes');
chmodSync(folder, 0o755);
const dist = path.join(process.cwd(), 'dist');
const worker = createPinWorkerHandle({ file: path.join(dist, 'pinWorker.js'), wasmFile: path.join(dist, 'sql-wasm.wasm') });
after(() => worker.dispose());

const PEER = '12D3KooWSdXgMJ4zedJFifGaNJFeDhuyiNYPSgHidbMaJztqGZ1L';
const ABSENT = 'bafkreihntsdkmhqfmi5l5ny7t3w2q6anvmhcrixwto2uqe7ztixmjm3af4';
const OTHER_USER = 65_534;
const isRoot = process.getuid?.() === 0;

/** Asserts the form of every message: complete sentences, no address twice, and a next step. */
function wellSaid(message: string): void {
  assert.match(message, /^[^a-z]|^https?:/, message);
  assert.match(message, /[.!?…]$/, message);
  assert.doesNotMatch(message, /\.\.|[.:;,]\s*[.;,](?:\s|$)|\s\.| {2}|undefined|\[object/, message);
  const addresses = message.match(/https?:\/\/[\w.:[\]-]+|\/[\w./-]+\w/g) ?? [];
  for (const address of addresses.filter((each) => each.length > 12))
    assert.equal(message.split(address).length, 2, `${address} twice: ${message}`);
  assert.match(
    message,
    /\b(?:Set|Start|Open|Refresh|Check|Change|Update|Use|Try|Correct|Mount|Name|Restore|Look|set)\b/,
    message,
  );
}

function repository(name: string, files: Readonly<Record<string, string>>): string {
  const made = path.join(folder, name);
  mkdirSync(made, { recursive: true });
  for (const [file, text] of Object.entries(files)) writeFileSync(path.join(made, file), text);
  return made;
}

const CONFIG = JSON.stringify({ Identity: { PeerID: PEER, PrivKey: 'CAES' } });
const kuboAt = (where: string, url?: string): PinSource =>
  createKuboSource({ repository: where, url, authorization: () => Promise.resolve(undefined), indirect: () => false });
const serviceAt = (url: string): PinSource =>
  createPinningServiceSource({ name: 'svc', url, authorization: () => Promise.resolve(undefined) });
const clusterAt = (url: string): PinSource =>
  createClusterSource({ url: () => url, authorization: () => Promise.resolve(undefined) });

/** The error of a source without a list, including what its probe reports. */
async function whyNoList(source: PinSource): Promise<IpfsKitError> {
  const { state, detail } = await source.probe();
  if (state !== 'up' && state !== 'needs-token') wellSaid(detail);
  const failure: unknown = await source.open({ worker }).catch((error: unknown) => error);
  assert.ok(IpfsKitError.is(failure), `a list, or no error of ours: ${String(failure)}`);
  return failure;
}

/** Runs without the rights of root, who may read everything. */
async function asOtherUser<T>(work: () => Promise<T>): Promise<T> {
  if (!isRoot) return work();
  process.seteuid?.(OTHER_USER);
  try {
    return await work();
  } finally {
    process.seteuid?.(0);
  }
}

type Cause = readonly [what: string, reason: Reason, words: RegExp, find: () => Promise<IpfsKitError>];

const at = (routes: Routes, ask: (url: string) => Promise<IpfsKitError>) => async (): Promise<IpfsKitError> => {
  let found: IpfsKitError | undefined;
  await withStandIn(routes, async (url) => void (found = await ask(url)));
  return found ?? assert.fail();
};
const html = { status: '404 Not Found', headers: { 'content-type': 'text/html' }, body: '<html>nginx</html>' };
const redirect = { status: '302 Found', headers: { location: 'http://elsewhere.example/x?key=s3cret' }, body: '' };
const kuboSays = (list: Routes[string]): Routes => ({
  'POST /api/v0/id': json({ ID: PEER, AgentVersion: 'go-ipfs/0.4.23/abc' }),
  'POST /api/v0/pin/ls': list,
});

const KUBO: readonly Cause[] = [
  ['no repository', 'missing', /no Kubo repository at/, () => whyNoList(kuboAt(path.join(folder, 'none')))],
  ['no daemon', 'refused', /isn't running for/, () => whyNoList(kuboAt(repository('idle', { config: CONFIG })))],
  [
    'an API on the LAN',
    'elsewhere',
    /192\.168\.1\.20.*isn't a loopback address.*set ipfsKit\.kubo\.url/,
    () => whyNoList(kuboAt(repository('lan', { config: CONFIG, api: '/ip4/192.168.1.20/tcp/5001' }))),
  ],
  [
    'an API on the LAN by the config, without a file api',
    'elsewhere',
    /config says .*10\.1\.2\.3/,
    () =>
      whyNoList(
        kuboAt(
          repository('cfg', {
            config: `{"API":{"HTTPHeaders":{}},"Addresses":{"API":["/ip4/10.1.2.3/tcp/1"]},${CONFIG.slice(1)}`,
          }),
        ),
      ),
  ],
  [
    'a config of another user',
    'unreadable',
    /config can't be read: you have no permission \(EACCES\).*ipfsKit\.kubo\.url/,
    async () => {
      const where = repository('closed', { config: CONFIG, api: '/ip4/127.0.0.1/tcp/9' });
      chmodSync(path.join(where, 'config'), isRoot ? 0o600 : 0);
      return asOtherUser(() => whyNoList(kuboAt(where)));
    },
  ],
  [
    'a folder of another user, which is missed and not left out',
    'unreadable',
    /you have no permission \(EACCES\)/,
    async () => {
      const where = repository('closedFolder', { config: CONFIG });
      chmodSync(where, isRoot ? 0o700 : 0);
      const settings = {
        wanted: ['kubo'],
        kuboUrl: undefined,
        indirect: false,
        kuboCommand: [],
        clusterUrl: undefined,
        services: [],
      };
      return asOtherUser(() => {
        assert.ok(hasKubo({ settings: () => settings, repository: () => where, isRepositorySet: () => false }));
        return whyNoList(kuboAt(where));
      });
    },
  ],
  ['nothing at the address that was set', 'refused', /Nothing responds at/, () => whyNoList(kuboAt('/x', 'http://127.0.0.1:9'))],
  ['another server', 'foreign', /HTTP 404\. Set ipfsKit/, at({ 'POST /api/v0/id': html }, (url) => whyNoList(kuboAt('/x', url)))],
  [
    'a redirect, of which only the host is shown',
    'foreign',
    /redirect \(HTTP 302\) to http:\/\/elsewhere\.example; redirects aren't followed/,
    at({ 'POST /api/v0/id': redirect }, (url) => whyNoList(kuboAt('/x', url))),
  ],
  [
    'an older version',
    'unsupported',
    /HTTP 404.*This is Kubo 0\.4\.23; IPFS Kit needs 0\.26 or later\. Update Kubo/,
    at(kuboSays({ status: '404 Not Found', body: '404 page not found' }), (url) => whyNoList(kuboAt('/x', `${url}/api/v0/`))),
  ],
  [
    'an error with its own message',
    'http-status',
    /HTTP 500: lock: someone else has the lock\. Check/,
    at(
      { ...kuboSays(json({ Message: 'lock: someone else has the lock.' }, '500 Oops')), 'POST /api/v0/id': json({ ID: PEER }) },
      (url) => whyNoList(kuboAt('/x', url)),
    ),
  ],
];

const OTHERS: readonly Cause[] = [
  ['a cluster that is not running', 'refused', /Nothing responds/, () => whyNoList(clusterAt('http://127.0.0.1:9'))],
  [
    'a cluster before 1.0',
    'unsupported',
    /This is IPFS Cluster 0\.14\.5; IPFS Kit needs 1\.0 or later/,
    at(
      { 'GET /id': json({ id: 'x', cluster_peers: [], version: '0.14.5' }), 'GET /allocations': json([{ cid: ABSENT }]) },
      (url) => whyNoList(clusterAt(url)),
    ),
  ],
  [
    'a Kubo that is overloaded',
    'http-status',
    /responded with HTTP 503: overloaded/,
    at({ 'POST /api/v0/id': { status: '503 Busy', body: 'overloaded' } }, (url) => whyNoList(kuboAt('/none', url))),
  ],
  [
    'a service that is a page',
    'foreign',
    /HTTP 404/,
    at({ 'GET /pins': html }, (url) =>
      serviceAt(url)
        .probe()
        .then(({ detail }) => new IpfsKitError('foreign', detail)),
    ),
  ],
  [
    'a service that counts 15 pins and lists none',
    'truncated',
    /counts 15 pins, and lists none/,
    at({ 'GET /pins': json({ count: 15, results: null }) }, (url) => whyNoList(serviceAt(url))),
  ],
  [
    'a token that is required',
    'needs-token',
    /HTTP 401/,
    at({ 'GET /pins': json({ error: { reason: 'UNAUTHORIZED' } }, '401 No') }, (url) => whyNoList(serviceAt(url))),
  ],
];

async function whyNoBlock(options: Parameters<typeof blockSources>[0]): Promise<IpfsKitError> {
  const failure: unknown = await createVerifiedBlocks(blockSources(options))
    .get(CID.parse(ABSENT))
    .catch((error: unknown) => error);
  assert.ok(IpfsKitError.is(failure), String(failure));
  return failure;
}

const none = path.join(folder, 'nope');
const OFF = 'http://127.0.0.1:9';
const noBlockHere: Routes = { 'POST /api/v0/block/get': json({ Message: `ipld: could not find ${ABSENT}` }, '500 No') };
const noBlockThere: Routes = { [`GET /ipfs/${ABSENT}`]: { status: '404 No', body: '' } };
/** The ends of the messages: one next step, by what was given and by what is running. */
const BLOCKS: readonly Cause[] = [
  [
    'no source at all',
    'missing',
    /No block source is configured\. Set ipfsKit\.content\.gateways to a gateway\.$/,
    () => whyNoBlock({ gateways: [] }),
  ],
  [
    'a folder that is no repository',
    'missing',
    /no Kubo repository at \S+nope\. Set ipfsKit\.kubo\.repository to one, or ipfsKit\.content\.gateways to a gateway\.$/,
    () => whyNoBlock({ repository: none, gateways: [] }),
  ],
  [
    'a folder that is no repository, and a gateway without the block',
    'missing',
    /nope\. http:\S+ doesn't have it\. Set ipfsKit\.content\.gateways to another gateway\.$/,
    at(noBlockThere, (url) => whyNoBlock({ repository: none, gateways: [url] })),
  ],
  [
    'a folder that is no repository, and a Kubo that is running',
    'missing',
    /nope\. http:\S+ doesn't have it\. Set ipfsKit\.content\.gateways to a gateway\.$/,
    at(noBlockHere, (url) => whyNoBlock({ repository: none, kuboUrl: url, gateways: [] })),
  ],
  [
    'a Kubo that is running',
    'missing',
    /^Block \S+ was not found\. http:\S+ doesn't have it\. Set ipfsKit\.content\.gateways to a gateway\.$/,
    at(noBlockHere, (url) => whyNoBlock({ kuboUrl: url, gateways: [] })),
  ],
  [
    'a Kubo that is not running, and a gateway without the block',
    'refused',
    /doesn't have it\. Check the address of the source that failed, or try again\.$/,
    at(noBlockThere, (url) => whyNoBlock({ kuboUrl: OFF, gateways: [url] })),
  ],
  [
    'what is no Kubo',
    'foreign',
    /nope\. What responds at http:\S+ isn't Kubo's RPC API \(HTTP 404\)\. Set ipfsKit\.kubo\.url to the address of the API, which usually has port 5001\.$/,
    at({}, (url) => whyNoBlock({ repository: none, kuboUrl: url, gateways: [] })),
  ],
  [
    'blocks in another datastore, without a daemon',
    'unsupported',
    /only flatfs can be read without a daemon\. Its Kubo daemon isn't running\. Start Kubo, or set ipfsKit\.content\.gateways to a gateway\.$/,
    () =>
      whyNoBlock({ repository: repository('badger', { config: CONFIG, datastore_spec: '{"type":"badgerds"}' }), gateways: [] }),
  ],
  [
    'blocks on a disk that is gone',
    'unreadable',
    /isn't a folder\. Mount or restore it\. Its Kubo daemon isn't running\.$/,
    () => {
      const spec = '{"type":"flatfs","path":"gone","shardFunc":"/repo/flatfs/shard/v1/next-to-last/2"}';
      return whyNoBlock({ repository: repository('unmounted', { config: CONFIG, datastore_spec: spec }), gateways: [] });
    },
  ],
  [
    'a repository without a daemon',
    'missing',
    /whole doesn't have it\. Its Kubo daemon isn't running\. Start Kubo, or set ipfsKit\.content\.gateways to a gateway\.$/,
    async () => {
      const where = repository('whole', { config: CONFIG });
      writeRepository(where, (await importTree([{ path: 'a', content: Buffer.from('a') }])).blocks);
      return whyNoBlock({ repository: where, gateways: [] });
    },
  ],
  [
    'two gateways, one not running and one failing',
    'http-status',
    /127\.0\.0\.1:9\. http:\S+ responded with HTTP 503 to a request for a block: overloaded\./,
    at({ [`GET /ipfs/${ABSENT}`]: { status: '503 Busy', body: 'overloaded.' } }, (url) =>
      whyNoBlock({ gateways: ['http://127.0.0.1:9', `${url}/ipfs/ipfs/`] }),
    ),
  ],
  [
    'a gateway that leads elsewhere',
    'foreign',
    /redirect \(HTTP 302\) to http:\/\/elsewhere\.example/,
    at({ [`GET /ipfs/${ABSENT}`]: redirect }, (url) => whyNoBlock({ gateways: [url] })),
  ],
];

const listed = (sources: Parameters<typeof openIpfsKitList>[0]): Promise<IpfsKitError> =>
  openIpfsKitList(sources, { worker, probe: (urls, signal) => probe(urls, signal && { signal }) }).then(
    () => assert.fail('a list'),
    (error: unknown) => IpfsKitError.from(error),
  );
const STORES: readonly Cause[] = [
  [
    'no daemon and not a database',
    'missing',
    /doesn't exist/,
    () => listed({ daemonUrls: ['http://127.0.0.1:9'], databasePath: none }),
  ],
  ['no daemon', 'refused', /No daemon responds/, () => listed({ daemonUrls: ['http://127.0.0.1:9'] })],
  ['a folder without one', 'missing', /no pin database below/, () => listed({ databasePath: repository('bare', {}) })],
  [
    'a database of another user',
    'unreadable',
    /you have no permission \(EACCES\)/,
    async () => {
      const file = path.join(repository('theirs', { 'pins.db': 'x' }), 'pins.db');
      chmodSync(file, isRoot ? 0o600 : 0);
      worker.start();
      return asOtherUser(() => listed({ databasePath: file }));
    },
  ],
  [
    "a file that isn't a database",
    'not-a-database',
    /is not a database/,
    () => listed({ databasePath: path.join(repository('text', { 'pins.db': 'hello, world' }), 'pins.db') }),
  ],
];

describe('a cause', needs(POSIX), () => {
  for (const [what, reason, words, find] of [...KUBO, ...OTHERS, ...BLOCKS, ...STORES])
    it(`is reported in complete sentences, with the next step: ${what}`, async () => {
      const error = await find();
      assert.equal(error.reason, reason, error.message);
      assert.match(error.message, words);
      assert.doesNotMatch(error.message, /s3cret|<html>/);
      wellSaid(error.message);
    });

  it("that isn't a failure isn't reported: an empty list as services write it", async () => {
    for (const answer of [
      json({ count: 0 }),
      json({ count: 0, results: null }),
      json({ error: { reason: 'NOT_FOUND', details: 'no pins' } }, '404 Not Found'),
      { body: '{"count":0,"results":[],"quota":NaN}' },
    ])
      await withStandIn({ 'GET /pins': answer }, async (url) => {
        const source = serviceAt(url);
        assert.equal((await source.probe()).state, 'up');
        const { opened, incomplete } = await source.open({ worker });
        assert.equal(await worker.request('count', { table: opened.table, of: {} }), 0);
        assert.equal(incomplete, undefined);
      });
  });

  it("that isn't a failure isn't reported: unknown numbers as Python writes them", async () => {
    const pins = `{"pins":[{"cid":"${ABSENT}","name":"a \\"NaN\\" of NaN","size_bytes":NaN,"timestamp":-Infinity,"pin_type":Infinity,"metadata":{"x":NaN}}],"total":NaN}`;
    const routes = { 'GET /health': { body: '{"status":"running","load":NaN}' }, 'GET /pins': { body: pins } };
    await withStandIn(routes, async (url) => {
      const options = { worker, probe: (urls: readonly string[]) => probe(urls) };
      const { opened, daemon } = await openIpfsKitList({ daemonUrls: [url] }, options);
      assert.equal(daemon?.state, 'up');
      assert.deepEqual(await worker.request('page', { table: opened.table, query: {} }), [
        { cid: ABSENT, name: 'a "NaN" of NaN' },
      ]);
      const [details] = await worker.request('details', { table: opened.table, cid: ABSENT });
      assert.ok(details);
    });
    for (const wrong of ['{"a":NaNa}', '{"a":-NaN', '{"a":nan}', '"'.repeat(200_001) + 'NaN', '\\"'.repeat(100_000)])
      assert.throws(() => parseJson(wrong), SyntaxError);
    assert.deepEqual(parseJson(`[NaN,"${'\\n\\\\'.repeat(4_000_000)}"]`), [null, '\n\\'.repeat(4_000_000)]); // No RangeError is thrown.
    assert.deepEqual(parseJson('["\\\\",NaN,"\\"NaN"]'), ['\\', null, '"NaN']);
    assert.deepEqual(parseJson('[NaN,-Infinity,"NaN\\"",Infinity]'), [null, null, 'NaN"', null]);
  });

  it('is an IpfsKitError, for any thrown value', () => {
    const hostile = { toString: () => { throw new Error('x'); } }; // prettier-ignore
    const lying = Object.assign(new Error('x'), { message: { toString: 5 } });
    for (const thrown of [
      hostile,
      lying,
      Object.create(null),
      Symbol('s'),
      undefined,
      new Proxy(
        {},
        {
          getPrototypeOf: () => {
            throw new Error('x');
          },
        },
      ),
    ])
      // prettier-ignore
      assert.equal(typeof IpfsKitError.from(thrown).message, 'string');
  });

  it('is joined to others once, each with one end', () => {
    assert.equal(sentences('One.', 'two..', '', undefined, 'One', 'Three!'), 'One. two. Three!');
    assert.equal(because('It was not pinned.', 'no room..'), 'It was not pinned: no room.');
    assert.equal(causeOf('http://a:1', 'Nothing responds at http://a:1/ipfs/x?y=z.'), 'Nothing responds at http://a:1.');
    assert.equal(causeOf('http://a:1', 'http://a:10 is none'), 'http://a:1: http://a:10 is none.'.replace('http://a:1: ', ''));
    assert.equal(causeOf('/repo', 'too large'), '/repo: too large.');
  });
});

describe('on the command line, a cause', needs(POSIX), () => {
  const CALLS: readonly (readonly [args: readonly string[], reason: Reason, words: RegExp])[] = [
    [['pins', '--database', none], 'missing', /set --database/],
    [['pins', '--daemon', 'ftp://x'], 'invalid-argument', /must begin with http/],
    [['pins', '--daemon', 'http://127.0.0.1:9'], 'refused', /set --daemon/],
    [['pins', '--colour'], 'invalid-argument', /^Argument 1 of the verb isn't a known option\. See --help\.$/],
    [['ls', ABSENT, '--repo', none, '--json'], 'missing', /Set --repo .* --gateway/],
    [['cat', ABSENT, '--repo', none, '--json'], 'missing', /no Kubo repository/],
    [['cat', '--json'], 'invalid-argument', /^Specify one CID\. See --help\.$/],
    [['ls', ABSENT, '--length', '1', '--json'], 'invalid-argument', /Only cat accepts/],
  ];
  for (const [args, reason, words] of CALLS)
    it(`is printed to the standard output, and names options and no settings: ${args.join(' ')}, ${reason}`, () => {
      const { status, stdout, stderr } = spawnSync(process.execPath, [path.join(dist, 'cli/kit.js'), ...args], {
        encoding: 'utf8',
      });
      assert.deepEqual([status, stderr], [1, '']);
      const { error } = JSON.parse(stdout) as { readonly error: { readonly reason: Reason; readonly message: string } };
      assert.equal(error.reason, reason, error.message);
      assert.match(error.message, words);
      assert.doesNotMatch(error.message, /ipfsKit\.|[Rr]efresh|Set Token|\n/);
    });

  it('goes to the standard error without --json, of ls and cat', () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [path.join(dist, 'cli/kit.js'), 'ls', ABSENT, '--repo', none], { encoding: 'utf8' }); // prettier-ignore
    assert.deepEqual([status, stdout], [1, '']);
    assert.match(stderr, /^\{"error":\{"reason":"missing"/);
  });
});
