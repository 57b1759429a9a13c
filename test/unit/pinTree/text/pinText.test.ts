import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { looksLikeCid } from '../../../../src/pin/cid';
import type { Pin } from '../../../../src/pin/pin';
import { dateAndAge } from '../../../../src/base/sizeAndAge';
import { kindName } from '../../../../src/pinTree/text/kindName';
import { stateOf } from '../../../../src/pinTree/text/pinState';
import { pinDescription, pinLabel, pinSpoken } from '../../../../src/pinTree/text/pinText';
import { shortCid } from '../../../../src/pin/cid';
import { pinFacts } from '../../../../src/pinTree/text/pinFacts';

const NOW = Date.UTC(2026, 10, 23, 12);
const V0 = 'QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPaG8';
const V1 = 'bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi';

function pin(fields: Partial<Pin> = {}): Pin {
  return { cid: V1, name: 'readme', type: 'recursive', sizeBytes: 1688, pinnedAt: '2026-11-20T12:00:00.000Z', ...fields };
}

describe('a row', () => {
  it('shows the name, then size and age: neither the CID beside a name, nor that a pin is recursive', () => {
    assert.equal(pinLabel(pin()), 'readme');
    assert.equal(pinDescription(pin(), NOW), '1.6 KB · 3 d');
    const types = ['direct', 'indirect', 'odd\ttype'].map((type) => pinDescription(pin({ type }), NOW));
    assert.deepEqual(types, ['1.6 KB · direct · 3 d', '1.6 KB · indirect · 3 d', '1.6 KB · odd␉type · 3 d']);
  });

  it('shows in place of a missing name what the pin is and the end of its CID, or the short CID, and leaves out unknown facts', () => {
    assert.equal(pinLabel({ cid: V0 }), 'QmYw…WnPaG8');
    const kinds = [{ isFile: true, ending: '.png' }, { isFile: true }, { isFile: false }, {}].map(kindName);
    assert.deepEqual(kinds, ['PNG image', 'File', 'Folder', undefined]);
    assert.equal(pinLabel({ cid: V0 }, 'PNG image'), 'PNG image …WnPaG8');
    assert.equal(pinLabel(pin(), 'PNG image'), 'readme');
    assert.equal(pinDescription({ cid: V0 }, NOW), '');
  });

  it("begins with what is wrong or under way, and says nothing of a pin that's simply pinned", () => {
    const states = [
      'pinned',
      'queued',
      'pin_queued',
      'pending',
      'pinning 1 of 3',
      'failed on alder (1 of 2 pinned)',
      'pin_error',
      'remote',
    ];
    assert.deepEqual(
      states.map((status) => [pinDescription(pin({ status }), NOW), stateOf(pin({ status }))]),
      [
        ['1.6 KB · 3 d', undefined],
        ['queued · 1.6 KB · 3 d', 'queued'],
        ['pin_queued · 1.6 KB · 3 d', 'queued'],
        ['pending · 1.6 KB · 3 d', 'queued'],
        ['pinning 1 of 3 · 1.6 KB · 3 d', 'pinning'],
        ['failed on alder (1 of 2 pinned) · 1.6 KB · 3 d', 'failed'],
        ['pin_error · 1.6 KB · 3 d', 'failed'],
        ['remote · 1.6 KB · 3 d', undefined],
      ],
    );
  });

  it('says from seven days before that the pin expires', () => {
    const expiring = (expiresAt: string): readonly string[] => [
      pinDescription(pin({ expiresAt, status: 'queued' }), NOW),
      pinSpoken(pin({ expiresAt, name: 'a' }), NOW).split(', ')[2] ?? '',
    ];
    assert.deepEqual(expiring('2026-11-30T12:00:00.001Z'), ['queued · 1.6 KB · 3 d', '1.6 kilobytes']);
    assert.deepEqual(expiring('2026-11-30T12:00:00.000Z'), ['queued · expires in 7 d · 1.6 KB · 3 d', 'expires in 7 days']);
    assert.deepEqual(expiring('2026-11-24T11:59:59.000Z'), ['queued · expires in 23 h · 1.6 KB · 3 d', 'expires in 23 hours']);
    assert.deepEqual(expiring('2026-11-23T12:00:30.000Z'), [
      'queued · expires in 1 min · 1.6 KB · 3 d',
      'expires in less than a minute',
    ]);
    assert.deepEqual(expiring('2026-11-23T12:00:00.000Z'), ['queued · expired · 1.6 KB · 3 d', 'expired']);
  });

  it('marks an invalid CID', () => {
    const invalid = pin({ cid: 'QmY1Q2YxKXR9Zz8qM4c8N5k2z8v3u1L4t6h9q3w2e5r1a', status: 'failed' });
    assert.equal(pinDescription(invalid, NOW), 'not a valid CID · failed · 1.6 KB · 3 d');
    assert.equal(stateOf(invalid), 'invalid');
    assert.match(pinSpoken(pin({ cid: 'x' }), NOW), /not a valid CID$/);
  });

  it('is read aloud in words', () => {
    assert.equal(pinSpoken(pin(), NOW), `readme, recursive pin, 1.6 kilobytes, pinned 3 days ago, CID ${V1}`);
    assert.equal(pinSpoken({ cid: V0 }, NOW), `CID ${V0}, pin, size unknown`);
    assert.equal(pinSpoken({ cid: V0, status: 'failed' }, NOW, 'Folder'), `Folder, pin, status failed, size unknown, CID ${V0}`);
  });

  it('was pinned at a local date, so long ago', () => {
    const at = new Date(2026, 6, 19, 6, 27).toISOString();
    assert.equal(dateAndAge(at, NOW), '19 July 2026, 06:27 (4 months ago)');
    assert.equal(dateAndAge(at, Date.parse(at) - 120_000), '19 July 2026, 06:27');
  });

  it('has everything known in its details, a line each', () => {
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
