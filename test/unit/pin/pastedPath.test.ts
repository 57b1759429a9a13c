import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { IpfsKitError } from '../../../src/base/ipfsKitError';
import { parsePasted, pastedFileName, pastedPath } from '../../../src/pin/pastedPath';
import { searchTerms } from '../../../src/pin/searchTerms';
import { parseIpfsPath } from '../../../src/vfs/ipfsPath';

const V1 = 'bafybeiczsscdsbs7ffqz55asqdf3smv6klcw3gofszvwlyarci47bgf354';
const V0 = 'QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nn';
const K = 'k2jmtxtlhjl3fhmgndf92e48by79ryjuvqp3y2qgehpao6v3lurvnmcv';

describe('what people paste', () => {
  const whole = [
    ...[V1, `/ipfs/${V1}`, `ipfs/${V1}/`, `//ipfs//${V1}//`, `ipfs://${V1}`, `ipfs:${V1}`, `IPFS://${V1}/`, `web+ipfs://${V1}`],
    ...[`dweb:/ipfs/${V1}`, `ipfs:///ipfs/${V1}`, `ipfs://ipfs/${V1}`, `/ipfs/ipfs/${V1}`, V1.toUpperCase(), K, K.toUpperCase()],
    ...[
      `https://ipfs.io/ipfs/${V1}?format=car#top`,
      `HTTP://127.0.0.1:8080/ipfs/${V1}/`,
      `https://me:pw@gw.example/a/ipfs/${V1}`,
    ],
    ...[
      `http://${V1}.ipfs.localhost:8080`,
      `https://${K}.ipfs.dweb.link/?a=b`,
      `${V1}.ipfs.dweb.link`,
      `localhost:8080/ipfs/${V1}`,
    ],
    ...[`//ipfs.io/ipfs/${V1}`, `ipfs.io/ipfs/${K}`, `http://127.0.0.1:5001/webui/#/ipfs/${V1}`, `ipfs://${V1}?filename=a.png`],
    ...['my.ipfs.example.org:8443', 'https://gateway.ipfs.io', 'gateway.ipfs.io', 'https://gw.ipns.example', 'gw.example/a'].map(
      (gateway) => `${gateway}/ipfs/${V1}`,
    ),
    ...[`webui.ipfs.io/#/ipfs/${V1}`, `https://explore.ipld.io/#/explore/${V1}`, `#/explore/${V1}`],
    ...[`http://127.0.0.1:5001/ipfs/${V0}/#/explore/${V1}`, `http://${K}.ipfs.localhost:8080/#/ipfs/${V1}`],
    ...[`https://ipfs.io/ipfs/${V1}/#/ipfs/none`],
    ...[`"${V1}",`, `${V1}.`, `${V1},`, `${V1};`, `“${V1}”.`, `(${V1}).`, `ipfs://${V1},`, `https://ipfs.io/ipfs/${V1}).`],
    ...[`${V1}#x`, `${V1}?x`, `/ipfs/${V1}?x=a/b`, `/ipfs/${V1}#/a`, `"${V1}#x",`],
    ...[`  ${V1}\r\n`, `<${V1}>`, `"/ipfs/${V1}"`, `'${V1}'`, `“ipfs://${V1}”`, `(<"${V1}">)`, `\u200b${V1}\ufeff`, `\`${V1}\``],
  ];
  for (const text of whole)
    it(`is a CID: ${JSON.stringify(text)}`, () => assert.deepEqual(parsePasted(text), { cid: V1, path: [] }));

  it('may be a CID with a slash in it, and punctuation behind', () =>
    assert.deepEqual(parsePasted('mAXASIOrX5mrbnvjHREHW/iLp4TMtQYVhBr92TRPZIuQsOolo,.').path, []));

  it('keeps the version of the CID', () => assert.equal(parsePasted(`https://ipfs.io/ipfs/${V0}`).cid, V0));

  const paths: [text: string, ...path: string[]][] = [
    [`${V1}/a b/c?d.png`, 'a b', 'c?d.png'],
    [`/ipfs/${V1}/100%25/%20/a#1.png`, '100%25', '%20', 'a#1.png'],
    [`/ipfs/${V1}/a b.png?filename=x.png`, 'a b.png'],
    [`/ipfs/${V1}/what?filename/b`, 'what?filename', 'b'],
    [`ipfs://${V1}/a%20b.png?download=true#x`, 'a b.png'],
    [`ipfs://${V1}/a b.png`, 'a b.png'],
    [`https://ipfs.io/ipfs/${V1}/a%2520b/%23.png?filename=%2F`, 'a%20b', '#.png'],
    [`https://${V1}.ipfs.dweb.link/ipfs/%E2%82%AC+1`, 'ipfs', '€+1'],
    [`https://ipfs.io/ipfs/${V1}/100%/%zz/%ff%41/%e2%82`, '100%', '%zz', '%ff%41', '%e2%82'],
    [`https://ipfs.io/ipfs/${V1}/a%2Fb//c/`, 'a', 'b', 'c'],
    [`https://ipfs.io/ipfs/${V1}/a%20`, 'a '],
    [`https://gateway.ipfs.io/ipfs/${V1}/a`, 'a'],
    [`https://${V1}.ipfs.io/ipfs/${V0}`, 'ipfs', V0],
    [`#/explore/${V1}/a`, 'a'],
    [`${V1}/a.`, 'a.'],
    [`${V1}/a,#b?;`, 'a,#b?;'],
    [`"${V1}/a.",`, 'a.'],
    [`${V1}/ a `, ' a'],
    [`${V1}/a/./b/../c`, 'a', 'c'],
    [`ipfs://${V1}/a/%2e%2E/b`, 'b'],
    [`${V1}/ipfs/${V0}`, 'ipfs', V0],
    [`${V1}/it's "it"`, 'it\'s "it"'],
    [`${V1}/a (1)`, 'a (1)'],
    [`"${V1}/a (1)"`, 'a (1)'],
  ];
  for (const [text, ...path] of paths)
    it(`is a path: ${JSON.stringify(text)}`, () => assert.deepEqual(parsePasted(text), { cid: V1, path }));

  it('keeps blanks at the end of a name on the command line, unless it was pasted with more around it', () => {
    assert.deepEqual(parseIpfsPath(`${V1}/a `).path, ['a ']);
    assert.deepEqual(parseIpfsPath(`/ipfs/${V1}/a\t\n`).path, ['a\t\n']);
    for (const text of [` ${V1}/a `, `<${V1}/a >`, `ipfs://${V1}/a `]) assert.deepEqual(parseIpfsPath(text).path, ['a']);
    assert.deepEqual(parseIpfsPath(`${V1} `), { cid: V1, path: [] });
  });

  const refused: [text: string, why: RegExp][] = [
    ['', /is not a CID/],
    ['hello', /is not a CID/],
    ['/ipfs/', /is not a CID/],
    ['/Documents/README.md', /is a path in Kubo's Files/],
    ['/ipfs2/a', /is a path in Kubo's Files/],
    [`${V1}/..`, /leads out of/],
    [`/ipfs/${V1}/a/../..`, /leads out of/],
    ['https://docs.ipfs.tech/', /doesn't contain a CID/],
    ['hello.', /“hello\.” is not a CID/],
    [`ipfs://${V1}/a/%2e%2e/%2e%2e/etc/passwd`, /leads out of/],
    ['https://docs.example/readme.md', /doesn't contain a CID/],
    ['https://ipfs.io/ipfs', /doesn't contain a CID/],
    ...[
      '/ipns/docs.example/a',
      'ipns://docs.example',
      'https://gw.example/ipns/docs.example',
      'http://docs-example.ipns.localhost:80/a',
    ],
    ...['k51qzi5uqu5dlvj2baxnqndepeb86cbk3ng7n3i46uzyxzyqj2xjonzllnv0v8', '12D3KooWGFvxTU7wVNXDVQFyPzD4o6VVVxwGgZLtV5hHMQ4TQKVt'],
    ...['/ipfs/k51qzi5uqu5dlvj2baxnqndepeb86cbk3ng7n3i46uzyxzyqj2xjonzllnv0v8', `dweb:/ipns/${V1}`, `ipfs://ipns/${V1}`],
  ].map((each) => (typeof each === 'string' ? [each, /^IPNS names/] : (each as [string, RegExp])));
  for (const [text, why] of refused)
    it(`is refused with its reason: ${JSON.stringify(text)}`, () => {
      assert.throws(
        () => parsePasted(text),
        (error) => IpfsKitError.is(error, 'invalid-argument') && why.test(error.message),
      );
      assert.equal(pastedPath(text), undefined);
    });

  it('is named where the case of a base58 CID was changed, in a path or a host name', () => {
    const z = 'zdj7WbTaiJT1fgatdet9Ei9iDB5hdCxkbVyhyh8YTUnXMiwYi';
    for (const text of [V0.toLowerCase(), V0.toUpperCase(), `http://${V0.toLowerCase()}.ipfs.localhost:8080/a`, z.toLowerCase()])
      assert.throws(() => parsePasted(text), /letters were all changed to one case/);
    assert.throws(() => parsePasted(V0.replace('UN', 'U0')), /is not a CID/);
  });

  it('may state a file name in its query', () => {
    const url = `https://ipfs.io/ipfs/${V1}?download=true&filename=`;
    for (const [query, name] of [['a%20b.png', 'a b.png'], ['%2Fetc%2Fpasswd#x', 'passwd'], ['%ff+', '%ff '], ['', '']] as const)
      assert.equal(pastedFileName(url + query), name); // prettier-ignore
    assert.equal(pastedFileName(`/ipfs/${V1}?filename=x.png`), 'x.png');
    assert.equal(pastedFileName(`/ipfs/${V1}/filename=x.png`), undefined);
  });

  it('shows no password of an address', () =>
    assert.throws(
      () => parsePasted('ipfs://me:secret@example/'),
      (error) => !String(error).includes('secret'),
    ));

  it('never throws anything else, and takes long text without delay', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.constantFrom('ipfs', '/', ':', '%', '%2f', '.', '..', '?', '#', ' ', '"', V1, V0, 'http://', 'x', '@', '\u0000'),
        ),
        (parts) => {
          try {
            for (const name of parsePasted(parts.join('')).path) assert.ok(name !== '' && name !== '..' && !name.includes('/'));
          } catch (error) {
            assert.ok(IpfsKitError.is(error, 'invalid-argument'), String(error));
          }
        },
      ),
    );
  });

  it('is read in one go: 64 KB of anything take no longer than their characters', () => {
    const parts = [
      '"',
      ' ',
      '/',
      '.',
      ':',
      '%',
      '<',
      '#',
      'a.',
      'x@',
      '?filename=',
      'ipfs/',
      '/ipfs//',
      '/ipfs',
      '%2e',
      '@',
      '(',
      '\n',
    ];
    const texts = parts.flatMap((part) => {
      const many = part.repeat(65_000 / part.length);
      return [many, `${many}x`, `http://${many}`, `http://x/${many}`, `ipfs:${many}`, `x/ipfs${many}`];
    });
    const began = performance.now();
    for (const text of texts) {
      assert.equal(pastedPath(text), undefined);
      searchTerms(text);
    }
    assert.ok(performance.now() - began < 15_000); // An earlier version took five seconds for only one of these.
  });
});
