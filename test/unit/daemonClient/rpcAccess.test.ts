import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { IpfsKitError } from '../../../src/base/ipfsKitError';
import { accessWith } from '../../../src/daemonClient/rpcAccess';

describe('a token', () => {
  it('is sent only over loopback or TLS', () => {
    const sent = (url: string) => accessWith({ url }, 'Bearer s3cret').authorization;
    for (const url of [
      'https://pins.example',
      'http://127.0.0.1:5001',
      'http://[::1]:5001',
      'http://localhost:5001',
      'http://a.localhost.:5001',
    ])
      assert.equal(sent(url), 'Bearer s3cret');
    assert.equal(accessWith({ url: 'http://kubo', socketPath: '/run/kubo.sock' }, 'x').authorization, 'x');
    for (const url of ['http://pins.example', 'http://192.168.1.4:5001', 'http://localhost.example', 'http://notlocalhost'])
      assert.throws(
        () => sent(url),
        (error) => IpfsKitError.is(error, 'invalid-argument') && !error.message.includes('s3cret'),
      );
    assert.deepEqual(accessWith({ url: 'http://pins.example' }, undefined), { url: 'http://pins.example' });
  });

  it('is not sent if it has characters that a header can’t have, and the error says which token it is', () => {
    for (const token of ['Bearer s3cret\nx: y', 'Bearer s3cret\r', 'Bearer s3cretЯ', 'Bearer s3cret\0'])
      assert.throws(
        () => accessWith({ url: 'http://127.0.0.1:1' }, token),
        (error) => IpfsKitError.is(error, 'invalid-argument') && /^The token for http:\/\/127.*Set Token\.$/.test(error.message),
      );
  });
});
