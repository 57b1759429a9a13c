import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { filesPath } from '../../../src/daemonClient/kubo/kuboFiles';
import { possibleName, whyNoName } from '../../../src/pin/entryNames';

describe('the name of an entry', () => {
  it('can be any text that a path and a file system can contain', () => {
    for (const name of ['a', ' a b ', '.hidden', '...', 'é', '🎬.mp4', 'a\\b', 'x'.repeat(255)])
      assert.equal(whyNoName(name), undefined, name);
    for (const name of ['', '  ', '.', '..', 'a/b', '/', 'a\nb', 'a\u0000', '\ufffd', '\ud800', 'x'.repeat(256), 'é'.repeat(128)])
      assert.notEqual(whyNoName(name), undefined, JSON.stringify(name));
  });

  it('is proposed close to that of a pin, whatever that is', () => {
    assert.equal(possibleName('photos/2024/one.jpg', 'cid'), 'photos_2024_one.jpg');
    assert.equal(possibleName('a\u202eb\nc', 'cid'), 'a_b_c');
    for (const name of ['', '..', '.', ' ']) assert.equal(possibleName(name, 'cid'), 'cid');
    const long = possibleName('🎬'.repeat(100), 'cid');
    assert.equal(long, '🎬'.repeat(63));
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (name) => {
        const possible = possibleName(name, 'cid');
        assert.equal(whyNoName(possible), undefined);
        assert.equal(filesPath([possible]), `/${possible}`);
      }),
    );
  });
});
