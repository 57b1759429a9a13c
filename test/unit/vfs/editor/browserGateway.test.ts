import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { IpfsKitError } from '../../../../src/base/ipfsKitError';
import type { Settings } from '../../../../src/base/settingTypes';
import { browserGateway, forwardedGateway, gatewayUrl } from '../../../../src/vfs/editor/browserGateway';
import { testFolder } from '../../../support/folder';

const folder = testFolder('browser-gateway');
const CID = 'bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi';
const refused = (error: unknown): boolean => IpfsKitError.is(error, 'invalid-argument');

function gatewayWith(set: unknown, file?: string): string {
  const repository = mkdtempSync(path.join(folder, 'repo-'));
  if (file !== undefined) writeFileSync(path.join(repository, 'gateway'), file);
  const settings: Pick<Settings, 'machine' | 'content'> = {
    machine: () => set,
    content: { value: () => ({ repository, isRepositorySet: false, gateways: [] }) },
  };
  return browserGateway(settings);
}

describe('where a browser is sent to', () => {
  it('is where the editor forwards the port to, but never a path on the origin of the editor itself', () => {
    assert.equal(forwardedGateway('http://127.0.0.1:41235/'), 'http://localhost:41235');
    assert.equal(forwardedGateway('http://localhost:8080'), 'http://localhost:8080');
    assert.equal(forwardedGateway('https://name-8080.forwarded.example/?token=x'), 'https://name-8080.forwarded.example');
    for (const external of ['http://127.0.0.1:35711/proxy/8080/', 'https://editor.example/proxy/8080', 'file:///x'])
      assert.equal(forwardedGateway(external), undefined, external);
  });

  it('is what is set, before all', () => {
    assert.equal(gatewayWith('https://ipfs.example/', 'http://127.0.0.1:1'), 'https://ipfs.example');
    assert.equal(gatewayWith(' https://ipfs.example/public/ '), 'https://ipfs.example/public');
  });

  it('is the gateway of the Kubo of this machine while that runs', () => {
    assert.equal(gatewayWith('', 'http://localhost:45802\n'), 'http://localhost:45802');
    assert.equal(gatewayWith(undefined, 'http://127.0.0.1:80'), 'http://localhost');
  });

  it('is localhost, where each CID has its own origin, and never an address of this machine', () => {
    for (const host of ['127.0.0.1', '[::1]', '127.1', '0x7f000001', 'LOCALHOST', '[0:0:0:0:0:0:0:1]']) {
      assert.equal(gatewayWith(undefined, `http://${host}:45802`), 'http://localhost:45802', host);
      assert.equal(gatewayWith(`http://${host}:45802/`), 'http://localhost:45802', host);
    }
  });

  it('takes only scheme, host and port from the file of Kubo', () => {
    for (const after of ['/', '/ipfs/../evil', '/api?arg=1', '?x', '#x', '\\evil', '/%2e%2e/'])
      assert.equal(gatewayWith(undefined, `http://127.0.0.1:8081${after}`), 'http://localhost:8081', after);
    assert.equal(gatewayWith(undefined, 'http://user:secret@127.0.0.1:8081'), 'http://localhost:8081');
    assert.equal(gatewayWith(undefined, 'https://localhost:8443'), 'https://localhost:8443');
  });

  it('is the usual one where nothing of use is said', () => {
    const useless = [undefined, '', 'nonsense', 'http://192.0.2.1:80', 'http://localhost.evil.example', 'http://127.0.0.1@evil.example', 'http://127.0.0.1.evil.example', 'file:///etc/passwd', 'command:x', 'javascript:alert(1)', 'x'.repeat(5000)]; // prettier-ignore
    for (const file of useless) assert.equal(gatewayWith('', file), 'http://localhost:8080', file?.slice(0, 30));
  });

  it('is reported if the setting is invalid, and contains no credentials', () => {
    for (const set of ['not a URL', 'ftp://a', 'https://user:secret@ipfs.example', 'https://ipfs.example?key=secret'])
      assert.throws(
        () => gatewayWith(set),
        (error) => refused(error) && error instanceof Error && !error.message.includes('secret'),
        set,
      );
  });
});

describe('the URL of something below a CID', () => {
  it('has every name encoded', () =>
    assert.equal(
      gatewayUrl('http://localhost:8080', { cid: CID, path: ['a b', 'ü?#%2e', 'c'] }),
      `http://localhost:8080/ipfs/${CID}/a%20b/%C3%BC%3F%23%252e/c`,
    ));

  it('stays below that CID as a browser reads it, or is refused', () =>
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.constantFrom('.', '..', '%2e%2e', '..%2f', '\\..', ''), fc.string()), { maxLength: 4 }), (names) => {
        let url;
        try {
          url = gatewayUrl('http://localhost:8080', { cid: CID, path: names });
        } catch (error) {
          assert.ok(refused(error));
          return;
        }
        const { origin, pathname, search, hash } = new URL(url);
        assert.equal(origin + search + hash, 'http://localhost:8080');
        const [before, ipfs, cid, ...path] = pathname.split('/');
        assert.deepEqual([before, ipfs, cid], ['', 'ipfs', CID]);
        assert.deepEqual(path.map(decodeURIComponent), names);
      }),
    )); // prettier-ignore

  it("is refused for names that a browser's path can't express, and for text that isn't a CID", () => {
    for (const at of [
      { cid: CID, path: ['..'] },
      { cid: CID, path: ['a', '.'] },
      { cid: '..', path: [] },
      { cid: `${CID}/../x`, path: [] },
      { cid: 'x@evil', path: [] },
    ])
      // prettier-ignore
      assert.throws(() => gatewayUrl('http://localhost:8080', at), refused);
  });
});
