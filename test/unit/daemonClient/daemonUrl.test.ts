import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parseDaemonUrl, shownDaemonUrl } from '../../../src/daemonClient/daemonUrl';
import { parseRpcUrl } from '../../../src/daemonClient/rpcUrl';
import { IpfsKitError } from '../../../src/base/ipfsKitError';

const refused = (error: unknown): boolean => IpfsKitError.is(error, 'invalid-argument');

describe('a daemon address', () => {
  const good: [string, string[]][] = [
    ['http://localhost:8774', ['http://127.0.0.1:8774', 'http://[::1]:8774']],
    ['http://LOCALHOST:9999/', ['http://127.0.0.1:9999', 'http://[::1]:9999']],
    ['http://localhost.:8774', ['http://127.0.0.1:8774', 'http://[::1]:8774']],
    ['http://127.0.0.1:8774', ['http://127.0.0.1:8774']],
    ['http://[::1]:8774', ['http://[::1]:8774']],
    ['http://pins.example:80', ['http://pins.example']],
  ];
  for (const [text, addresses] of good)
    it(`"${text}" means ${addresses.join(' and ')}`, () => assert.deepEqual(parseDaemonUrl(text), addresses));

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

  it("that isn't text is refused", () => {
    for (const value of [undefined, null, 8774, {}, Object.create(null), Symbol('x'), []])
      assert.throws(() => parseDaemonUrl(value as string), refused); // A setting can hold any JSON value.
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

  it('is shown short, and without user name, password, query and fragment', () => {
    const shown: readonly (readonly [unknown, string])[] = [
      ['http://user:pass@word@host:1', 'http://…@host:1'],
      ['https://host/?key=s3cret', 'https://host/?…'],
      ['https://host/#s3cret\n?', 'https://host/#…'],
      ['https:me:s3cret@host/path', 'https://…@host/path'],
      ['https://host/me:s3cret%40other', 'https://host/…'],
      ['https://host\\me:s3cret@other', 'https://host/…'],
      ['https://host/me:s3cret%2540other', 'https://host/…'],
      ['https://host/a%20b', 'https://host/a%20b'],
      [`http://${'x'.repeat(500)}`, `http://${'x'.repeat(93)}`],
      ['http://127.0.0.1:8774', 'http://127.0.0.1:8774'],
      ['localhost:8774', 'localhost:8774'],
      ['ftp://host/', 'ftp://host/'],
      [8774, 'number'],
    ];
    for (const [text, expected] of shown) assert.equal(shownDaemonUrl(text), expected);
  });

  it("that isn't a valid URL isn't shown, because it may contain a password anywhere", () => {
    for (const text of [
      'me:s3cret@host',
      'http://me:s3cret',
      'http://me:s3cret%40host',
      'http://me:s3cret\uff20host',
      'http://me:s3cret@ho st',
      'http://me:s3\ncret@[host',
      'ftp://me:s3cret@host',
      'me:s3cret',
      's3cret',
      'Bearer s3cret',
    ])
      assert.doesNotMatch(shownDaemonUrl(text).replace('ho st', ''), /s3|cret/, text);
  });

  it('never shows a user name or a password, in any notation', () => {
    const secret = fc.stringMatching(/^[0-9a-z]{8,12}$/);
    const made = [
      (a: string, b: string) => `http://${a}:${b}@pins.example`,
      (a: string, b: string) => `http://${a}@pins.example/${b.slice(0, 0)}`,
      (a: string, b: string) => `http://:${a}${b}@pins.example:1`,
      (a: string, b: string) => `https://${a}%3A${b}%40pins.example`,
      (a: string, b: string) => `http://pins.example/?${a}=${b}`,
      (a: string, b: string) => `http://pins.example/#${a}${b}`,
      (a: string, b: string) => `http:\\\\${a}:${b}@pins.example`,
      (a: string, b: string) => `http://pins.example\\${a}:${b}@x`,
      (a: string, b: string) => `http://pins.example/${a}:${b}%2540x`,
      (a: string, b: string) => `http://${a}:${b}`,
      (a: string, b: string) => `${a}:${b}@pins.example`,
    ] as const;
    fc.assert(
      fc.property(secret, secret, fc.constantFrom(...made), (name, password, make) => {
        const text = make(`u${name}`, `p${password}`);
        for (const parse of [parseDaemonUrl, parseRpcUrl, (url: string) => parseRpcUrl(url, 'gateway')])
          assert.throws(
            () => parse(text),
            (error) => {
              const { message } = IpfsKitError.from(error);
              return refused(error) && !message.includes(`u${name}`) && !message.includes(`p${password}`);
            },
            text,
          );
      }),
    );
  });
});
