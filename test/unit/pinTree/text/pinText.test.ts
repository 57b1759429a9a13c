import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { looksLikeCid } from '../../../../src/pin/cid';
import type { Pin } from '../../../../src/pin/pin';
import { pinDescription, pinIcon, pinLabel, pinSpoken } from '../../../../src/pinTree/text/pinText';
import { shortCid } from '../../../../src/pin/cid';
import { pinFacts } from '../../../../src/pinTree/text/pinFacts';

const NOW = Date.UTC(2026, 10, 23, 12);
const V0 = 'QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPaG8';
const V1 = 'bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi';

function pin(fields: Partial<Pin> = {}): Pin {
  return { cid: V1, name: 'readme', type: 'recursive', sizeBytes: 1688, pinnedAt: '2026-11-20T12:00:00.000Z', ...fields };
}

describe('a row', () => {
  it('shows the name first, then size, type, age and short CID', () => {
    assert.equal(pinLabel(pin()), 'readme');
    assert.equal(pinDescription(pin(), NOW), '1.6 KB · recursive · 3 d · bafy…5fbzdi');
  });

  it('shows the short CID in place of a missing name, and leaves out unknown facts', () => {
    assert.equal(pinLabel({ cid: V0 }), 'QmYw…WnPaG8');
    assert.equal(pinDescription({ cid: V0 }, NOW), '');
  });

  it("begins with the status of a pin that isn't simply pinned, and has an icon if it failed", () => {
    const standing = (status: string): [string, string] => {
      const one = pin({ status, pinnedAt: '2026-11-23T11:00:00.000Z' });
      return [pinDescription(one, NOW).split(' · ').slice(0, 3).join(' · '), pinIcon(one)];
    };
    assert.deepEqual(standing('pinned'), ['1.6 KB · recursive · pinned', 'pinned']);
    assert.deepEqual(standing('queued'), ['queued · 1.6 KB · recursive', 'pinned']);
    assert.deepEqual(standing('failed'), ['failed · 1.6 KB · recursive', 'error']);
    assert.deepEqual(standing('1 of 2 pinned, pin_error'), ['1 of 2 pinned, pin_error · 1.6 KB · recursive', 'error']);
  });

  it('has the icon of its type, and a plain one for an unknown type', () => {
    const icons = ['recursive', 'direct', 'indirect', 'toString', '__proto__'].map((type) => pinIcon(pin({ type })));
    assert.deepEqual(icons, ['pinned', 'pin', 'references', 'circle-outline', 'circle-outline']);
    assert.equal(pinIcon({ cid: V0 }), 'circle-outline');
    assert.equal(pinIcon({ cid: 'x', status: 'failed' }), 'warning');
  });

  it('marks an invalid CID', () => {
    assert.match(pinDescription(pin({ cid: 'QmY1Q2YxKXR9Zz8qM4c8N5k2z8v3u1L4t6h9q3w2e5r1a' }), NOW), / · not a valid CID$/);
    assert.match(pinSpoken(pin({ cid: 'x' }), NOW), /not a valid CID$/);
  });

  it('is read aloud in words', () => {
    assert.equal(pinSpoken(pin(), NOW), `readme, recursive pin, 1.6 kilobytes, pinned 3 days ago, CID ${V1}`);
    assert.equal(pinSpoken({ cid: V0 }, NOW), `CID ${V0}, pin, size unknown`);
  });

  it('shows everything known in the tooltip, one fact per line', () => {
    const facts = pinFacts(pin({ sizeBytes: '9007199254740993', vfsPath: '/a\n/b' }));
    assert.deepEqual(facts, [
      ['CID', V1],
      ['Type', 'recursive'],
      ['Size', '8.0 PB (9,007,199,254,740,993 bytes)'],
      ['Pinned', '2026-11-20T12:00:00.000Z'],
      ['VFS path', '/a␊/b'],
    ]);
  });
});

describe('a CID', () => {
  it('is known by its form', () => {
    for (const cid of [
      V0,
      V1,
      'bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy',
      'k51qzi5uqu5dlvj2baxnqndepeb86cbk3ng7n3i46uzyxzyqj2xjonzllnv0v8',
    ])
      assert.ok(looksLikeCid(cid), cid);
    for (const text of ['', 'x', V0.slice(1), `${V0}a`, 'QmY1Q2YxKXR9Zz8qM4c8N5k2z8v3u1L4t6h9q3w2e5r1a', 'b'.repeat(100_000)])
      assert.ok(!looksLikeCid(text), text.slice(0, 50));
  });

  it('is short enough for a row', () => assert.equal(shortCid(V0), 'QmYw…WnPaG8'));
});
