import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parseDaemonUrl, shownDaemonUrl } from '../../../src/daemonClient/daemonUrl';
import { IpfsKitError } from '../../../src/ipfsKitError';

const refused = (error: unknown): boolean => IpfsKitError.is(error, 'invalid-argument');

describe('a daemon address', () => {
  const good: [string, string[]][] = [
    ['http://localhost:8774', ['http://127.0.0.1:8774', 'http://[::1]:8774']],
    ['http://LOCALHOST:9999/', ['http://127.0.0.1:9999', 'http://[::1]:9999']],
    ['http://127.0.0.1:8774', ['http://127.0.0.1:8774']],
    ['http://[::1]:8774', ['http://[::1]:8774']],
    ['http://pins.example:80', ['http://pins.example']],
  ];
  for (const [text, addresses] of good)
    it(`"${text}" stands for ${addresses.join(' and ')}`, () => assert.deepEqual(parseDaemonUrl(text), addresses));

  for (const text of [
    '',
    'localhost:8774',
    'https://localhost',
    'http://a/b',
    'http://a?b',
    'http://a#b',
    'http://a:99999',
    'http://',
  ])
    it(`"${text}" is refused`, () => assert.throws(() => parseDaemonUrl(text), refused));

  it('that is no text is refused', () => {
    for (const value of [undefined, null, 8774, {}, Object.create(null), Symbol('x'), []])
      assert.throws(() => parseDaemonUrl(value as string), refused); // settings hold whatever was typed
  });

  it('is either refused or an http: address with nothing but host and port', () => {
    const texts = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.webUrl({ withFragments: true, withQueryParameters: true }),
      fc.string().map((text) => `http://${text}`),
    );
    fc.assert(
      fc.property(texts, (text) => {
        let addresses: string[];
        try {
          addresses = parseDaemonUrl(text);
        } catch (error) {
          assert.ok(refused(error));
          return;
        }
        assert.ok(addresses.length > 0);
        for (const address of addresses) {
          const { protocol, username, password, pathname, search, hash } = new URL(address);
          assert.deepEqual([protocol, username, password, pathname, search, hash], ['http:', '', '', '/', '', '']);
        }
      }),
    );
  });

  it('is shown short, and without what stands before an @ or behind a ? or #', () => {
    assert.equal(shownDaemonUrl('http://user:pass@word@host:1'), '…@host:1');
    assert.equal(shownDaemonUrl('https://host/?key=s3cret'), 'https://host/?…');
    assert.equal(shownDaemonUrl('https://host/#s3cret\n?'), 'https://host/#…');
    assert.equal(shownDaemonUrl(`http://${'x'.repeat(500)}`).length, 100);
    fc.assert(
      fc.property(fc.stringMatching(/^[0-9]{8,12}$/), (password) => {
        assert.throws(
          () => parseDaemonUrl(`http://me:${password}@pins.example`),
          (error) => refused(error) && !IpfsKitError.from(error).message.includes(password),
        );
      }),
    );
  });
});
