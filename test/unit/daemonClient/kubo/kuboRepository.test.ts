import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { expectedPeerId, isKuboRepository, kuboAccess, kuboAddress } from '../../../../src/daemonClient/kubo/kuboRepository';
import { IpfsKitError } from '../../../../src/base/ipfsKitError';
import { testFolder } from '../../../support/folder';

const folder = testFolder('kubo-repository');
const PEER = '12D3KooWSdXgMJ4zedJFifGaNJFeDhuyiNYPSgHidbMaJztqGZ1L';

function repository(files: Readonly<Record<string, string | Buffer>>): string {
  const made = mkdtempSync(path.join(folder, 'repo-'));
  for (const [name, content] of Object.entries(files)) writeFileSync(path.join(made, name), content);
  return made;
}

const config = (identity: unknown): string =>
  JSON.stringify({ Addresses: { API: '/ip4/127.0.0.1/tcp/5001' }, Identity: identity, Peering: { Peers: [] } }, undefined, 2);

describe('a Kubo repository', () => {
  it('is one by its config, whether a daemon runs or not', () => {
    assert.equal(isKuboRepository(repository({ config: config({ PeerID: PEER }) })), true);
    assert.equal(isKuboRepository(repository({ api: '/ip4/127.0.0.1/tcp/5001' })), false);
    assert.equal(isKuboRepository(path.join(folder, 'nowhere')), false);
    const odd = repository({});
    mkdirSync(path.join(odd, 'config'));
    assert.equal(isKuboRepository(odd), false);
  });
});

describe('the address of its daemon', () => {
  const cases: [string, object | undefined][] = [
    ['/ip4/127.0.0.1/tcp/44415', { url: 'http://127.0.0.1:44415' }],
    ['/ip4/127.0.0.1/tcp/44415\n', { url: 'http://127.0.0.1:44415' }],
    ['/ip4/127.8.0.1/tcp/5001/http', { url: 'http://127.8.0.1:5001' }],
    ['/ip4/0.0.0.0/tcp/5001', { url: 'http://127.0.0.1:5001' }],
    ['/ip6/::/tcp/5001', { url: 'http://[::1]:5001' }],
    ['/ip6/::1/tcp/5001', { url: 'http://[::1]:5001' }],
    ['/ip6/0:0:0:0:0:0:0:1/tcp/5001', { url: 'http://[::1]:5001' }],
    ['/dns4/localhost/tcp/5001', { url: 'http://127.0.0.1:5001' }],
    ['/dns/localhost/tcp/5001', { url: 'http://127.0.0.1:5001' }],
    ['/dns6/localhost/tcp/5001', { url: 'http://[::1]:5001' }],
    ['/dns/LOCALHOST./tcp/5001', { url: 'http://127.0.0.1:5001' }],
    ['/dns4/kubo.localhost/tcp/5001', { url: 'http://127.0.0.1:5001' }],
    ['/unix/run/user/1000/kubo.sock', { url: 'http://kubo', socketPath: '/run/user/1000/kubo.sock' }],
    ['/ip4/192.168.1.4/tcp/5001', undefined],
    ['/ip4/localhost/tcp/5001', undefined],
    ['/dns4/ipfs.example/tcp/5001', undefined],
    ['/dns4/constructor/tcp/5001', undefined],
    ['/dns4/127.0.0.1.example/tcp/5001', undefined],
    ['/ip4/127.0.0.1/udp/5001/quic', undefined],
    ['/ip4/127.0.0.1/tcp/70000', undefined],
    ['/ip4/127.0.0.1/tcp/5001/ws', undefined],
    ['/ip4/127.0.0.1@evil.example/tcp/5001', undefined],
    ['/ip4/127.0.0.1/tcp/5001\n/ip4/10.0.0.1/tcp/5001', undefined],
    ['/unix', undefined],
    ['http://127.0.0.1:5001', undefined],
    ['', undefined],
  ];
  for (const [text, access] of cases)
    it(`${JSON.stringify(text)} ${access ? 'is used' : 'is not used'}`, () =>
      assert.deepEqual(kuboAccess(repository({ api: text })), access));

  it('is undefined for a repository without a daemon, and for a file that is far too long', () => {
    assert.equal(kuboAccess(repository({})), undefined);
    assert.equal(kuboAccess(repository({ api: '/unix/'.padEnd(100_000, 'a') })), undefined);
    const odd = repository({});
    mkdirSync(path.join(odd, 'api'));
    assert.equal(kuboAccess(odd), undefined);
  });

  it('is reported as elsewhere only if the file names another machine; otherwise with the content of the file', () => {
    const problem = (api: string): string => {
      try {
        return JSON.stringify(kuboAddress(repository({ api })));
      } catch (error) {
        const { reason, message } = IpfsKitError.from(error);
        return `${reason}: ${message.replace(/^\/\S+\//, '')}`;
      }
    };
    for (const elsewhere of ['/ip4/192.168.1.4/tcp/5001', '/dns4/kubo.example/tcp/5001', '/ip6/2001:db8::1/tcp/5001/http'])
      assert.match(problem(elsewhere), /^elsewhere: api says .* isn't a loopback address/, elsewhere);
    for (const empty of ['', '\n'])
      assert.match(problem(empty), /^malformed: api is empty.* Restart Kubo, or set ipfsKit\.kubo\.url/);
    for (const garbage of ['rubbish', '/tcp/9', '/ip4/127.0.0.1/tcp/99999', '/ip4/127.0.0.1/tcp/9/https', '/ip4/1.2.3/tcp/9'])
      assert.match(problem(garbage), /^malformed: api says “.*”, which isn't an HTTP address of a daemon\. Restart/, garbage);
  });

  it('leads to this machine, regardless of the content of the file', () => {
    const part = fc.constantFrom('/ip4/', '/ip6/', '/dns4/', '/unix/', '127.0.0.1', '::1', '10.0.0.1', '/tcp/', '5001', '@', '#');
    fc.assert(
      fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
        const access = kuboAccess(repository({ api: parts.join('') }));
        if (!access || access.socketPath !== undefined) return;
        assert.match(new URL(access.url).hostname, /^(?:127\.\d+\.\d+\.\d+|\[::1\])$/);
        assert.equal(new URL(access.url).username, '');
      }),
      { numRuns: 200 },
    );
  });
});

describe('the peer ID that its daemon must respond with', () => {
  it('is read from the config', () => {
    assert.equal(expectedPeerId(repository({ config: config({ PeerID: PEER, PrivKey: 'CAESQ+/s3cret==' }) })), PEER);
    assert.equal(expectedPeerId(repository({ config: config({ PrivKey: 'CAESQ+/s3cret==', PeerID: PEER }) })), PEER);
    assert.equal(expectedPeerId(repository({ config: `{"Identity":{"PeerID":"${PEER}"}}` })), PEER);
  });

  it('is not taken from what only looks like it', () => {
    const wrong = {
      'no identity': config(undefined),
      'no id in it': config({ PrivKey: 'CAES' }),
      'an id of another object': JSON.stringify({ Identity: { PrivKey: 'CAES' }, Peering: { PeerID: PEER } }),
      'an invalid ID': config({ PeerID: '../../etc' }),
      'an id that is a number': config({ PeerID: 12 }),
      'an id without end': `{"Identity":{"PeerID":"${'a'.repeat(500)}`,
      'half of the text': `{"Identity":{"PeerID":"${PEER}`,
      nothing: '',
    };
    for (const [what, text] of Object.entries(wrong)) assert.equal(expectedPeerId(repository({ config: text })), undefined, what);
    assert.equal(expectedPeerId(repository({})), undefined);
    assert.equal(expectedPeerId(repository({ config: Buffer.alloc(2 ** 21, config({ PeerID: PEER })) })), undefined);
  });

  it('is not searched for endlessly in a config that only repeats the key', () => {
    const identity = '"Identity":{';
    const text = `${identity.repeat(80_000)}"PeerID":"${PEER}"}`; // An earlier version took 43 s for this text.
    assert.equal(expectedPeerId(repository({ config: text })), undefined);
  });

  it('is found behind a value that is called the same', () => {
    const text = JSON.stringify({ Note: ['Identity', 'PeerID'], Identity: { PeerID: PEER } });
    assert.equal(expectedPeerId(repository({ config: text })), PEER);
  });
});
