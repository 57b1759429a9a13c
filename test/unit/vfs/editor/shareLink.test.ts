import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { IpfsKitError } from '../../../../src/base/ipfsKitError';
import type { IpfsType } from '../../../../src/vfs/ipfsFiles';
import { pastedPath } from '../../../../src/pin/pastedPath';
import { isPathName } from '../../../../src/pin/fileName';
import { shareLink } from '../../../../src/vfs/editor/shareLink';

const V0 = 'QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nn';
const V1 = 'bafybeiczsscdsbs7ffqz55asqdf3smv6klcw3gofszvwlyarci47bgf354';
const RAW = 'bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy';
const SUBDOMAINS = 'https://{cid}.ipfs.dweb.link';
const link = (cid: string, path: readonly string[] = [], name = path.at(-1) ?? cid, type?: IpfsType, set?: string): string =>
  shareLink({ machine: () => set }, { at: { cid, path }, name, type });
const refused = (error: unknown): boolean => IpfsKitError.is(error, 'invalid-argument');

describe('a share link', () => {
  it('leads to the CID at a public gateway, with the name of a file', () => {
    assert.equal(link(V0), `https://dweb.link/ipfs/${V0}`);
    assert.equal(link(RAW, [], 'a b.png'), `https://dweb.link/ipfs/${RAW}?filename=a%20b.png`);
    assert.equal(link(V1, [], 'docs/read me.md', 'file'), `https://dweb.link/ipfs/${V1}?filename=read%20me.md`);
    assert.equal(link(V1, [], 'guide.pdf'), `https://dweb.link/ipfs/${V1}?filename=guide.pdf`);
    assert.equal(link(V1.toUpperCase(), [], 'site'), `https://dweb.link/ipfs/${V1}`);
  });

  it('has no file name for a folder, nor where the path ends with it', () => {
    assert.equal(link(V1, [], 'site.com', 'directory'), `https://dweb.link/ipfs/${V1}`);
    assert.equal(link(V1, [], 'docs-site-v1.2.0'), `https://dweb.link/ipfs/${V1}`);
    assert.equal(link(V1, ['a', 'ü.png'], 'ü.png', 'file'), `https://dweb.link/ipfs/${V1}/a/%C3%BC.png`);
  });

  it('may have the CID in its host, in base32', () => {
    assert.equal(link(V0, [], 'a.png', 'file', SUBDOMAINS), `https://${V1}.ipfs.dweb.link/?filename=a.png`);
    assert.equal(link(V0, ['a', 'b c'], 'b c', 'file', SUBDOMAINS), `https://${V1}.ipfs.dweb.link/a/b%20c`);
    const long = 'bafkrgqhhyivzstcz3hhswshfjgy6ertgmnqeleynhwt4dlfsthi4hn7zgh4uvlsb5xncykzapi3ocd4lzogukir6ksdy6wzrnz6ohnv4aglcs'; // SHA-512
    assert.throws(() => link(long, [], '', 'file', SUBDOMAINS), refused);
  });

  it('leads to the gateway of the settings, which must be an address without secrets', () => {
    assert.equal(link(V1, [], 'x', undefined, ' https://gw.example/pub/ipfs/ '), `https://gw.example/pub/ipfs/${V1}`);
    for (const set of ['no address', 'ftp://a', 'https://me:secret@gw.example', `https://me:secret@{cid}.gw.example`, 'https://gw.example?key=secret'])
      assert.throws(() => link(V1, [], 'x', undefined, set), (error) => refused(error) && !String(error).includes('secret')); // prettier-ignore
  });

  it('leads to the same content whatever the names are, and nowhere else', () =>
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('..', '%2e%2e', '?x#y', '](command:x)', 'a\n b')), { maxLength: 3 }),
        fc.string({ unit: 'binary' }),
        fc.constantFrom(undefined, SUBDOMAINS),
        (path, name, set) => {
          const isPossible = path.every(isPathName) && !path.some((each) => /[\ud800-\udfff]/.test(each));
          if (!isPossible) return;
          const url = link(V1, path, name, 'file', set);
          assert.deepEqual(pastedPath(url), { cid: V1, path });
          assert.match(url, /^https:\/\/(?:dweb\.link|bafy\w+\.ipfs\.dweb\.link)\/[\w%.!~*'()/-]*(?:\?filename=[\w%.!~*'()-]*)?$/);
        },
      ),
    )); // prettier-ignore
});
