import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseRpcUrl } from '../../../src/daemonClient/rpcUrl';
import { IpfsKitError } from '../../../src/base/ipfsKitError';

describe('an address from the settings', () => {
  it('is the base of routes', () => {
    assert.equal(parseRpcUrl('http://127.0.0.1:9094'), 'http://127.0.0.1:9094');
    assert.equal(parseRpcUrl('https://pins.example/psa/'), 'https://pins.example/psa');
    assert.equal(parseRpcUrl('http://[::1]:9094/'), 'http://[::1]:9094');
  });

  for (const text of [
    '',
    'pins.example',
    'ftp://pins.example',
    'http://me:s3cret@pins.example',
    'https://pins.example/?key=s3cret',
    'http://h\\me:s3cret@x',
    'http://h/me:s3cret%40x',
    'http://h/me:s3cret%252540x',
    'http://h/me:s3cret%25%34%30x',
    `http://h/me:s3cret%${'25'.repeat(50)}40x`,
  ])
    it(`is not ${JSON.stringify(text)}`, () =>
      assert.throws(
        () => parseRpcUrl(text),
        (error) => IpfsKitError.is(error, 'invalid-argument') && !error.message.includes('s3cret'),
      ));

  it('says what to do in place of a password', () => {
    const url = 'https://me:s3cret@pins.example';
    assert.throws(() => parseRpcUrl(url), /"https:\/\/…@pins\.example" can't contain .* save them with Set Token\./);
    assert.throws(() => parseRpcUrl(url, 'gateway'), /"https:\/\/…@pins\.example" can't contain .* aren't supported\./);
  });
});
