import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, it } from 'node:test';
import {
  dagStat,
  filesStat,
  pinAdd,
  pinOf,
  pinRename,
  pinRm,
  pinVerify,
  probeKubo,
  requestKuboShutdown,
  sizeOfDag,
} from '../../../../src/daemonClient/kubo/kuboRpc';
import type { Reason } from '../../../../src/base/ipfsKitError';
import { IpfsKitError } from '../../../../src/base/ipfsKitError';
import { testFolder } from '../../../support/folder';
import { json, kubo, withStandIn } from '../../../support/daemonStandIn';
import type { Answer } from '../../../support/replayServer';
import { framed, lines } from '../../../support/replayServer';
import { needs, POSIX } from '../../../support/needs';

const folder = testFolder('kubo-rpc');
const PEER = '12D3KooWSdXgMJ4zedJFifGaNJFeDhuyiNYPSgHidbMaJztqGZ1L';
const CID = 'bafybeibkgm4enpe6luvzztq7f7ljofgmazsbrerui4ecury7ogpxoi2ma4';
/** A CID in the recorded responses. */
const ADDED = 'bafybeidmq32dm43exzlxfzgdfq44e6uov4mk4n4k26qmatwrspsgtspo2a';
const ADDED_ONLINE = 'bafybeib7wobotmbfqdj3luso5sl4iexfmpdtgsl5la2yim22qedn4imzxa';
const REMOVED = 'bafkreih3ut2fgcbe3pc2izopb3o7ogmnsho6yyfw3uo7ts4xvthzgdd26a';
const REMOVED_BASE36 = 'k2cwueex70o5aef8dumw72x9lj58wjq8hsm0itw96s5n5s5qvf880w6o';
const CID_BASE36 = 'k2jmtxsez3ni5okv12v47xlc0c4ghikcy6zku58je47tzyyh7273ny87';
const DENIED: Answer = {
  status: '403 Forbidden',
  headers: { 'content-type': 'text/plain' },
  body: 'Kubo RPC Access Denied: Please provide a valid authorization token.',
};
const notUnixfs = json({ Message: 'not a UnixFS node', Code: 0, Type: 'error' }, '500 Internal Server Error');

const failing =
  (reason: Reason, text?: RegExp) =>
  (error: unknown): boolean => {
    assert.ok(IpfsKitError.is(error), String(error));
    assert.equal(error.reason, reason, error.message);
    if (text) assert.match(error.message, text);
    return true;
  };

describe('the probe of a Kubo', () => {
  const idAt = (answer: Answer, peerId: string | undefined, check: (state: string, detail: string) => void) =>
    withStandIn({ 'POST /api/v0/id': answer }, async (url) => {
      const { state, detail } = await probeKubo({ url }, peerId);
      check(state, detail);
      assert.ok(detail.includes(url), detail);
    });

  it('is up when the peer of its repository responds', () => idAt(kubo('id'), PEER, (state) => assert.equal(state, 'up')));

  it('accepts any peer if no repository names one', () => idAt(kubo('id'), undefined, (state) => assert.equal(state, 'up')));

  it('knows another daemon on the port of one that was killed', () =>
    idAt(kubo('id'), '12D3KooWCjDjA4QuTc32EoafJM6Ejn2PUArk5BiC3LzoA5W7MDQ8', (state, detail) => {
      assert.equal(state, 'foreign');
      assert.match(detail, /12D3KooWSdX.* 12D3KooWCjDj/);
    }));

  const cases: [string, Answer, string][] = [
    ['rejects requests without a token', DENIED, 'needs-token'],
    ['responds with 401', { status: '401 Unauthorized', body: '{}' }, 'needs-token'],
    ['fails with 500', json({ Message: 'boom', Code: 0, Type: 'error' }, '500 Internal Server Error'), 'busy'],
    ['is a web server', { headers: { 'content-type': 'text/html' }, body: '<!doctype html>' }, 'foreign'],
    ['accepts only GET', { status: '405 Method Not Allowed', body: '405' }, 'foreign'],
    ['has no such route', { status: '404 Not Found', body: '404' }, 'foreign'],
    ['sends somewhere else', { status: '302 Found', headers: { location: 'http://example.org/' }, body: '' }, 'foreign'],
    ['responds with a list', json([PEER]), 'foreign'],
    ['responds without an ID', json({ AgentVersion: 'kubo/0.42.0' }), 'foreign'],
    ['responds with an invalid ID', json({ ID: '$(rm)\u202e' }), 'foreign'],
    ['responds with a very long body', { body: `{"ID":"${PEER}","x":"${'x'.repeat(100_000)}"}` }, 'foreign'],
    ['breaks off', { ...kubo('id'), fault: { kind: 'cut', after: 20 } }, 'busy'],
    ["doesn't respond", { fault: { kind: 'mute' } }, 'busy'],
    ['drips', { ...kubo('id'), fault: { kind: 'drip', everyMs: 50, bytes: 1 } }, 'busy'],
  ];
  for (const [what, answer, state] of cases)
    it(`is ${state} when the server ${what}`, () => idAt(answer, PEER, (found) => assert.equal(found, state)));

  it('distinguishes a connection that is closed immediately from a response that takes too long', () =>
    idAt({ fault: { kind: 'cut', after: 0 } }, PEER, (state, detail) => {
      assert.equal(state, 'busy');
      assert.match(detail, /closed it before its response was complete/);
      assert.doesNotMatch(detail, /within/);
    }));

  it('is absent where no program listens', async () => {
    let gone = '';
    await withStandIn({}, (url) => Promise.resolve(void (gone = url)));
    assert.equal((await probeKubo({ url: gone }, PEER)).state, 'absent');
    assert.equal((await probeKubo({ url: 'http://kubo', socketPath: path.join(folder, 'none') }, PEER)).state, 'absent');
  });

  it('uses a Unix socket', needs(POSIX), () => {
    const socketPath = path.join(folder, 'kubo.sock');
    return withStandIn(
      { 'POST /api/v0/id': kubo('id') },
      async () => {
        const { state, detail } = await probeKubo({ url: 'http://kubo', socketPath }, PEER);
        assert.equal(state, 'up');
        assert.ok(detail.includes(socketPath));
      },
      socketPath,
    );
  });

  it('sends the token, and never shows it', () =>
    withStandIn({ 'POST /api/v0/id': DENIED }, async (url, server) => {
      const { state, detail } = await probeKubo({ url, authorization: 'Bearer s3cret' }, PEER);
      assert.equal(server.requests[0]?.headers['authorization'], 'Bearer s3cret');
      assert.equal(state, 'needs-token');
      assert.doesNotMatch(detail, /s3cret/);
      assert.match(detail, /rejected the saved token/);
    }));

  it('ends with canceled when it is canceled', () =>
    withStandIn({ 'POST /api/v0/id': { fault: { kind: 'mute' } } }, async (url) => {
      const stop = new AbortController();
      setTimeout(() => stop.abort(), 20);
      await assert.rejects(probeKubo({ url }, PEER, stop.signal), failing('cancelled'));
    }));
});

describe('pinning', () => {
  const ADD = 'POST /api/v0/pin/add';

  it('reports blocks and bytes, and finishes with the line that confirms it', () =>
    withStandIn({ [ADD]: kubo('pin-add-online-progress') }, async (url, server) => {
      const seen: object[] = [];
      await pinAdd({ url }, ADDED_ONLINE, { name: 'a & b', onProgress: (progress) => seen.push(progress) });
      assert.deepEqual(seen.at(0), { blocks: 56, bytes: 13_905_215 });
      assert.deepEqual(seen.at(-1), { blocks: 232, bytes: 60_011_583 });
      const { query } = server.requests[0] ?? assert.fail();
      assert.deepEqual(Object.fromEntries(query), { arg: ADDED_ONLINE, recursive: 'true', progress: 'true', name: 'a & b' });
    }));

  it('fails if only the trailer reports an error', () =>
    withStandIn({ [ADD]: kubo('pin-add-online-missing-timeout') }, (url) =>
      assert.rejects(
        pinAdd({ url }, CID),
        failing('truncated', new RegExp(`${CID} was not pinned: .*context deadline exceeded`)),
      ),
    ));

  it('is not done without its last line', () =>
    withStandIn({ [ADD]: { body: lines([{ Progress: 13, Bytes: 3_000_609 }]) } }, (url) =>
      assert.rejects(pinAdd({ url }, CID), failing('truncated', /without confirming the pin/)),
    ));

  it('is not done when that line names nothing', () =>
    withStandIn({ [ADD]: { body: lines([{ Pins: [] }]) } }, (url) => assert.rejects(pinAdd({ url }, CID), failing('truncated'))));

  it('is not done when that line names another', () =>
    withStandIn({ [ADD]: { body: lines([{ Pins: [ADDED] }]) } }, (url) =>
      assert.rejects(pinAdd({ url }, CID), failing('truncated')),
    ));

  it('is not done when the last line is followed by a failure', () =>
    withStandIn({ [ADD]: { body: lines([{ Pins: [CID] }]), trailers: { 'X-Stream-Error': 'disk full' } } }, (url) =>
      assert.rejects(pinAdd({ url }, CID), failing('truncated', /disk full/)),
    ));

  it('fails if the response is truncated anywhere', async () => {
    const answer = kubo('pin-add-progress');
    const { length } = framed(answer);
    for (let after = 0; after < length; after++)
      await withStandIn({ [ADD]: { ...answer, fault: { kind: 'cut', after } } }, (url) =>
        assert.rejects(pinAdd({ url }, ADDED), failing('truncated'), `after ${after} bytes`),
      );
    await withStandIn({ [ADD]: { ...answer, fault: { kind: 'cut', after: length } } }, (url) => pinAdd({ url }, ADDED));
  });

  it("reports in Kubo's words what an offline daemon lacks", () =>
    withStandIn({ [ADD]: kubo('pin-add-missing-progress') }, (url) =>
      assert.rejects(pinAdd({ url }, CID), failing('http-status', /block was not found locally \(offline\)/)),
    ));

  it('is aborted when no more blocks arrive, although lines do', () => {
    const body = lines([{ Progress: 3, Bytes: 9 }, ...Array.from({ length: 200 }, () => ({ Progress: 3, Bytes: 9 }))]);
    return withStandIn({ [ADD]: { body, chunk: 29, fault: { kind: 'drip', everyMs: 20, bytes: 36 } } }, (url) =>
      assert.rejects(
        pinAdd({ url }, CID, { patienceMs: 200 }),
        failing('timeout', /no more blocks within 0\.2 s, after 3 blocks/),
      ),
    );
  });

  it('is aborted when nothing arrives', () =>
    withStandIn({ [ADD]: { fault: { kind: 'mute' } } }, (url) =>
      assert.rejects(pinAdd({ url }, CID, { patienceMs: 100 }), failing('timeout')),
    ));

  it('can be canceled while it runs', () =>
    withStandIn({ [ADD]: { body: lines([{}, {}]), fault: { kind: 'silence', after: 8 } } }, async (url) => {
      const stop = new AbortController();
      setTimeout(() => stop.abort(), 30);
      await assert.rejects(pinAdd({ url }, CID, { signal: stop.signal }), failing('cancelled'));
    }));

  it("sends no request for text that isn't a CID", () =>
    withStandIn({}, async (url, server) => {
      for (const text of ['', 'notacid', `${CID}/path`, `${CID}&recursive=false`, '../shutdown', `${CID}\n`]) {
        await assert.rejects(pinAdd({ url }, text), failing('invalid-argument'), text);
        await assert.rejects(pinRm({ url }, text), failing('invalid-argument'), text);
      }
      assert.deepEqual(server.requests, []);
    }));

  it('reports that a token is required', () =>
    withStandIn({ [ADD]: DENIED }, (url) => assert.rejects(pinAdd({ url }, CID), failing('needs-token'))));

  it('rejects garbage as a response', () =>
    withStandIn({ [ADD]: { body: '<html>\n' } }, (url) => assert.rejects(pinAdd({ url }, CID), failing('foreign'))));
});

describe('unpinning', () => {
  const RM = 'POST /api/v0/pin/rm';

  it('is done when Kubo names what it removed', () =>
    withStandIn({ [RM]: kubo('pin-rm') }, async (url, server) => {
      await pinRm({ url }, REMOVED);
      assert.equal(server.requests[0]?.query.get('arg'), REMOVED);
    }));

  it('fails for what is not pinned, or only as part of another', () =>
    withStandIn({ [RM]: kubo('pin-rm-notpinned') }, (url) =>
      assert.rejects(
        pinRm({ url }, CID),
        failing('not-pinned', new RegExp(`${CID} was not unpinned.*not pinned or pinned indirectly`)),
      ),
    ));

  it('tells storage that fails from a pin that is gone', () =>
    withStandIn({ [RM]: json({ Message: 'leveldb: closed', Code: 0, Type: 'error' }, '500 Internal Server Error') }, (url) =>
      assert.rejects(pinRm({ url }, CID), failing('http-status', /was not unpinned.*leveldb: closed/)),
    ));

  it('is not done when another pin is named', () =>
    withStandIn({ [RM]: kubo('pin-rm') }, (url) => assert.rejects(pinRm({ url }, CID), failing('foreign'))));

  it('is done when Kubo names the same CID in another base, and not when it names another', () =>
    withStandIn({ [RM]: [kubo('pin-rm'), kubo('pin-rm')] }, async (url) => {
      await pinRm({ url }, REMOVED_BASE36);
      await assert.rejects(pinRm({ url }, CID_BASE36), failing('foreign'));
    }));

  it('fails if the response is empty', () =>
    withStandIn({ [RM]: json({}) }, (url) => assert.rejects(pinRm({ url }, CID), failing('foreign'))));
});

const keys = (type: string, Name: string): Answer => json({ Keys: { [CID]: { Type: type, Name } } });

describe('renaming', () => {
  const LS = 'POST /api/v0/pin/ls';
  const ADD = 'POST /api/v0/pin/add';

  it('pins again under the other name, and looks whether it is called so', () =>
    withStandIn({ [LS]: [keys('recursive', 'old'), keys('recursive', 'new')], [ADD]: kubo('pin-add') }, async (url, server) => {
      await pinRename({ url }, CID, 'new', 'recursive');
      assert.deepEqual(
        server.requests.map(({ path: route }) => route.split('?')[0]),
        ['/api/v0/pin/ls', '/api/v0/pin/add', '/api/v0/pin/ls'],
      );
      assert.equal(server.requests[1]?.query.get('name'), 'new');
      assert.equal(server.requests[1].query.get('recursive'), 'true');
    }));

  it('keeps a direct pin direct', () =>
    withStandIn({ [LS]: [keys('direct', ''), keys('direct', 'new')], [ADD]: kubo('pin-add') }, async (url, server) => {
      await pinRename({ url }, CID, 'new', 'direct');
      assert.equal(server.requests[0]?.query.get('type'), 'direct');
      assert.equal(server.requests[1]?.query.get('recursive'), 'false');
    }));

  it('pins nothing that is not pinned any more', () =>
    withStandIn({ [LS]: kubo('pin-ls-arg-notpinned'), [ADD]: kubo('pin-add') }, async (url, server) => {
      await assert.rejects(pinRename({ url }, CID, 'new', 'recursive'), failing('not-pinned', /was not renamed.*is not pinned/));
      assert.equal(server.requests.length, 1);
    }));

  it('is not done when it is called something else afterwards', () =>
    withStandIn({ [LS]: keys('recursive', 'old'), [ADD]: kubo('pin-add') }, (url) =>
      assert.rejects(pinRename({ url }, CID, 'new', 'recursive'), failing('unsupported', /calls it "old"/)),
    ));
});

describe('a pin of its own', () => {
  it('is not replaced by another pin in the response', () =>
    withStandIn({ 'POST /api/v0/pin/ls': keys('recursive', 'x') }, (url) =>
      assert.rejects(pinOf({ url }, ADDED, 'recursive'), failing('foreign', /a pin other than/)),
    ));

  it('has a type, and a name if it has one', () =>
    withStandIn({ 'POST /api/v0/pin/ls': [keys('recursive', 'docs'), keys('direct', '')] }, async (url) => {
      assert.deepEqual(await pinOf({ url }, CID, 'recursive'), { type: 'recursive', name: 'docs', isOfCluster: false });
      assert.deepEqual(await pinOf({ url }, CID, 'direct'), { type: 'direct', name: undefined, isOfCluster: false });
    }));

  it('must be the requested one', () =>
    withStandIn(
      { 'POST /api/v0/pin/ls': [keys('indirect through x', ''), json({ Keys: {} }), json({ Keys: [] })] },
      async (url) => {
        for (let times = 0; times < 3; times++) await assert.rejects(pinOf({ url }, CID, 'recursive'), failing('foreign'));
      },
    ));
});

describe('verifying', () => {
  const LS = 'POST /api/v0/pin/ls';
  const STAT = 'POST /api/v0/files/stat';
  const DAG = 'POST /api/v0/dag/stat';

  it('finds a complete file by its blocks, without the network', () =>
    withStandIn({ [LS]: keys('recursive', ''), [STAT]: kubo('files-stat-withlocal') }, async (url, server) => {
      assert.deepEqual(await pinVerify({ url }, CID, 'recursive'), { isWhole: true, bytes: 3_000_969, localBytes: 3_000_969 });
      const { query } = server.requests[1] ?? assert.fail();
      assert.deepEqual([query.get('arg'), query.get('with-local'), query.get('offline')], [`/ipfs/${CID}`, 'true', 'true']);
    }));

  it('finds a missing leaf, which Kubo reports by omitting that all is local', () =>
    withStandIn(
      {
        [LS]: keys('recursive', ''),
        [STAT]: [
          json({ Hash: CID, Size: 0, CumulativeSize: 3_000_969, WithLocality: true, SizeLocal: 2_738_825 }),
          json({ Hash: CID, Size: 0, CumulativeSize: 3_000_969, WithLocality: true }),
          json({ Hash: CID, Size: 0, CumulativeSize: 3_000_969, WithLocality: true, Local: true, SizeLocal: 5 }),
          json({ Hash: CID, Size: 0, CumulativeSize: 3_000_969, WithLocality: true, SizeLocal: 3_000_969 }),
        ],
      },
      async (url) => {
        for (const localBytes of [2_738_825, 0, 5, 3_000_969])
          assert.deepEqual(await pinVerify({ url }, CID, 'recursive'), { isWhole: false, bytes: 3_000_969, localBytes });
      },
    ));

  it("reads every block of content that isn't a file", () =>
    withStandIn(
      {
        [LS]: keys('recursive', ''),
        [STAT]: notUnixfs,
        'POST /api/v0/block/stat': kubo('block-stat'),
        [DAG]: kubo('dag-stat-noprogress'),
      },
      async (url, server) => {
        assert.equal((await pinVerify({ url }, CID, 'recursive')).isWhole, true);
        assert.equal(server.requests[3]?.query.get('offline'), 'true');
      },
    ));

  it('fails if such a walk is cut off', () =>
    withStandIn(
      {
        [LS]: keys('recursive', ''),
        [STAT]: notUnixfs,
        'POST /api/v0/block/stat': kubo('block-stat'),
        [DAG]: { body: '', trailers: { 'X-Stream-Error': 'could not find x' } },
      },
      (url) =>
        assert.rejects(pinVerify({ url }, CID, 'recursive'), failing('truncated', /couldn't be verified.*could not find x/)),
    ));

  it('looks for the one block of a direct pin', () =>
    withStandIn(
      { [LS]: keys('direct', ''), 'POST /api/v0/block/stat': [kubo('block-stat'), kubo('block-stat-missing')] },
      async (url) => {
        assert.equal((await pinVerify({ url }, CID, 'direct')).isWhole, true);
        await assert.rejects(pinVerify({ url }, CID, 'direct'), failing('http-status', /couldn't be verified/));
      },
    ));

  it('does not verify what is not pinned', () =>
    withStandIn({ [LS]: kubo('pin-ls-arg-notpinned') }, (url) =>
      assert.rejects(pinVerify({ url }, CID, 'recursive'), failing('not-pinned', /is not pinned/)),
    ));
});

describe('the size of a DAG', () => {
  const STAT = 'POST /api/v0/files/stat';
  const DAG = 'POST /api/v0/dag/stat';

  it('is the size that its root states, else the sum of its blocks', () =>
    withStandIn({ [STAT]: [kubo('files-stat'), notUnixfs], [DAG]: kubo('dag-stat-noprogress') }, async (url) => {
      assert.deepEqual(await sizeOfDag({ url }, CID), { bytes: 3_000_969, isFile: false });
      assert.deepEqual(await sizeOfDag({ url }, CID), { bytes: 3_000_969 }, 'neither file nor folder');
    }));

  it('stays unknown where neither is known', () =>
    withStandIn({ [STAT]: notUnixfs, [DAG]: notUnixfs }, async (url) => assert.equal(await sizeOfDag({ url }, CID), undefined)));

  it('stays unknown if the response makes no sense', () =>
    withStandIn({ [STAT]: json({ CumulativeSize: -1 }), [DAG]: json({ TotalSize: '12' }) }, async (url) => {
      assert.equal(await sizeOfDag({ url }, CID), undefined);
      await assert.rejects(filesStat({ url }, CID, {}), failing('foreign'));
      await assert.rejects(dagStat({ url }, CID), failing('foreign'));
    }));

  it('reports a required token, and cancellation', () =>
    withStandIn({ [STAT]: DENIED }, async (url) => {
      await assert.rejects(sizeOfDag({ url }, CID), failing('needs-token'));
      await assert.rejects(sizeOfDag({ url }, CID, { signal: AbortSignal.abort() }), failing('cancelled'));
    }));
});

it('a Kubo is asked to shut down by POST', () =>
  withStandIn({ 'POST /api/v0/shutdown': kubo('shutdown') }, async (url, server) => {
    await requestKuboShutdown({ url });
    assert.equal(server.requests.length, 1);
  }));
