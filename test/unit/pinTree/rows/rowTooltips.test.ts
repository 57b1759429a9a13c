import assert from 'node:assert/strict';
import { homedir } from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import { IpfsKitError } from '../../../../src/base/ipfsKitError';
import { dateAndAge, dateAndUntil } from '../../../../src/base/sizeAndAge';
import { pinDetailsText } from '../../../../src/pinTree/text/pinDetailsText';
import type { PinListState } from '../../../../src/pinTree/list/pinListModel';
import { NO_ROWS } from '../../../../src/pinTree/list/pinLevel';
import type { GroupNode } from '../../../../src/columns/groupLevel';
import { groupDescription, groupSpoken } from '../../../../src/pinTree/text/groupText';
import { groupTooltip, hoverFacts, sourceTooltip } from '../../../../src/pinTree/rows/rowTooltips';

const CID = 'bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi';
const state = (fields: Partial<PinListState>): PinListState => ({
  busy: false,
  view: {},
  fuzzy: false,
  rows: NO_ROWS,
  ...fields,
});

describe('the tooltip of a row', () => {
  it('has the facts of a pin: size and date in full, where it is, its status on each machine, and what only some sources know', () => {
    const pinnedAt = new Date(2026, 6, 19, 6, 27).toISOString();
    const now = new Date(2026, 10, 23).getTime();
    const pin = {
      cid: CID,
      name: 'a',
      type: 'recursive',
      sizeBytes: 1688,
      pinnedAt,
      status: 'failed on beta (1 of 2 pinned)',
      tier: 'hot',
    };
    assert.deepEqual(hoverFacts(pin, 'IPFS Cluster', 'alpha: pinned\nbeta: pin_error, \u202egone', now), [
      '1.6 KB (1,688 bytes)',
      'Pinned 19 July 2026, 06:27 (4 months ago)',
      'IPFS Cluster: failed on beta (1 of 2 pinned), recursive pin',
      'alpha: pinned',
      'beta: pin_error, <U+202E>gone',
      'Tier: hot',
    ]);
    const expiresAt = new Date(2026, 10, 28, 1).toISOString();
    const failed = {
      cid: CID,
      status: 'failed',
      expiresAt,
      info: { status_details: 'no peer has it', source: 'x' },
      replicasMin: 2,
    };
    assert.deepEqual(hoverFacts(failed, 'mine', undefined, now), [
      'mine: failed, pin',
      'no peer has it',
      'Expires 28 November 2026, 01:00 (in 5 days)',
      'Replicas: 2 wanted',
    ]);
    assert.deepEqual(hoverFacts({ cid: 'x' }, 'Kubo', undefined, now), ['Kubo: pin', 'Not a valid CID:']);
    assert.deepEqual(hoverFacts({ cid: CID, sizeBytes: 1688 }, 'Files', undefined, now, 'item'), [
      '1.6 KB, as its folder states',
      'In Files',
    ]);
  });

  it('shows the content of a group', () => {
    const group = { key: '/photos', count: 3, sized: 3, own: 1, sizeBytes: 4096, hasFolders: true };
    assert.equal(groupTooltip(group, 'folder'), '/photos\n3 pins (1 directly in it)\nSize: 4,096 bytes');
    const without = { count: 3, sized: 0, own: 3, hasFolders: false };
    assert.equal(groupTooltip(without, 'tier'), 'Without a storage tier\n3 pins\nSize: unknown');
  });

  it('says of how many pins of a group the size is known', () => {
    const group = { key: 'hot', own: 300, hasFolders: false, count: 300, sized: 250 };
    const said = (of: GroupNode): readonly string[] => [
      groupDescription(of),
      groupSpoken(of, 'tier', undefined),
      groupTooltip(of, 'tier').split('\n').at(-1) ?? '',
    ];
    assert.deepEqual(said({ ...group, sizeBytes: 2_254_857_830 }), [
      '300 pins · 2.1 GB of 250 pins',
      'hot, 300 pins, 2.1 gigabytes of 250 pins',
      'Size: 2,254,857,830 bytes of 250 pins',
    ]);
    assert.deepEqual(said({ ...group, count: 250, sizeBytes: 1 }), ['250 pins · 1 B', 'hot, 250 pins, 1 byte', 'Size: 1 byte']);
    assert.deepEqual(said({ ...group, sized: 0, sizeBytes: undefined }), ['300 pins', 'hot, 300 pins, size unknown', 'Size: unknown']); // prettier-ignore
  });

  it('shows the error of a source, with ~ for the home directory', () => {
    const error = new IpfsKitError('refused', `No daemon runs for ${path.join(homedir(), '.ipfs')}.`);
    assert.equal(sourceTooltip(state({ error }), 0), `No daemon runs for ~${path.sep}.ipfs.`);
    assert.equal(sourceTooltip(state({ busy: true }), 0), 'Loading pins…');
  });
});

describe('the details of a pin', () => {
  const NOW = Date.UTC(2026, 10, 26, 12);
  const pin = { cid: CID, name: 'readme', type: 'recursive', sizeBytes: 1234 };
  const DATABASE = { name: 'ipfs_kit_py', location: 'pins.db' };

  it("don't repeat known facts, but show where they come from", () => {
    const row = [['cid', CID], ['name', 'readme'], ['type', 'recursive']] as const; // prettier-ignore
    const text = pinDetailsText(pin, [row], { name: 'Kubo', location: 'http://127.0.0.1:5001' }, undefined, NOW);
    assert.deepEqual(text.split('\n').slice(-3), ['', 'From Kubo (http://127.0.0.1:5001)', '']);
    assert.equal(text.split(CID).length, 2);
  });

  it('show the status on each machine, where that is known', () => {
    const text = pinDetailsText(
      { cid: CID, status: 'pin_error' },
      undefined,
      DATABASE,
      'alpha: pinned\nbeta: pin_error, block was not found',
      NOW,
    );
    assert.deepEqual(text.split('\n').slice(-4), ['', 'alpha: pinned', 'beta: pin_error, block was not found', '']);
  });

  it('have the status first, times and types in words, the CID last, and below them the columns that say more', () => {
    const at = new Date(NOW - 130 * 86_400_000);
    const whole = { ...pin, status: 'pinned', pinnedAt: at.toISOString() };
    const row = [['cid', CID], ['name', 'readme'], ['size', '1234'], ['added', at.toISOString()], ['note', 'mine'], ['empty', '']] as const; // prettier-ignore
    const lines = pinDetailsText(whole, [row], DATABASE, undefined, NOW).split('\n');
    assert.deepEqual(lines, [
      'readme',
      '',
      'Status  pinned',
      'Type    recursive (everything below it is pinned too)',
      'Size    1.2 KB (1,234 bytes)',
      `Pinned  ${dateAndAge(at.toISOString(), NOW)}`,
      `CID     ${CID}`,
      '',
      'Other columns, from ipfs_kit_py (pins.db)',
      '',
      `added  ${at.toISOString()}`,
      'note   mine',
      '',
    ]);
    assert.match(lines[5] ?? '', /^Pinned {2}\d+ \w+ 20\d\d, \d\d:\d\d \(4 months ago\)$/);
  });

  it('tell what a cluster or a service knows, in words', () => {
    const expiresAt = new Date(NOW + 5.5 * 86_400_000).toISOString();
    const known = {
      ...{ cid: CID, status: 'failed', expiresAt, replicas: 3, replicasPinned: 1, replicasMin: 2, replicasMax: 3 },
      ...{ backend: 'a, b', allocations: ['a', 'b'], origins: ['/ip4/1', '/ip4/2'], metadata: { team: 'x', '\u202ek': '1' } },
      info: { status_details: 'gone', dag_size: '7', source: 'y' },
    };
    const row = [
      ...([['cid', CID], ['expire_at', expiresAt], ['cluster_allocations', '[\n  "a",\n  "b"\n]']] as const), // prettier-ignore
      ['requestid', 'r1'] as const,
    ];
    const X = { name: 'x', location: undefined };
    const at = dateAndUntil(expiresAt, NOW);
    assert.match(at, /, \d\d:\d\d \(in 5 days\)$/);
    assert.deepEqual(pinDetailsText(known, [row], X, undefined, NOW).split('\n').slice(2), [
      'Status          failed',
      'Status details  gone',
      'Replicas        1 pinned, 2 to 3 wanted',
      'Backend         a, b',
      `Expires         ${at}`,
      'Origins         /ip4/1',
      '                /ip4/2',
      'Metadata        team = x',
      '                <U+202E>k = 1',
      'Info            source = y',
      `CID             ${CID}`,
      ...['', 'Other columns, from x', '', `expire_at  ${expiresAt}`, 'requestid  r1', ''],
    ]);
    assert.match(
      pinDetailsText({ ...known, replicasPinned: 0, replicasMin: -1, replicasMax: -1 }, [], X, undefined, NOW),
      /Replicas +0 pinned, all peers wanted\n/,
    );
  });

  it('have every column if one contains more', () => {
    const row = [['cid', CID], ['replicas', '[1, 2]']] as const; // prettier-ignore
    assert.match(
      pinDetailsText(pin, [row], DATABASE, undefined, NOW),
      /\nOther columns, from ipfs_kit_py \(pins\.db\)\n\nreplicas {2}\[1, 2\]\n$/,
    );
  });

  it('show complete values that the row cuts, and every row if there are several', () => {
    const name = `${'long '.repeat(200)}end`;
    const row = [['cid', CID], ['name', name]] as const; // prettier-ignore
    assert.match(pinDetailsText({ cid: CID, name }, [row], DATABASE, undefined, NOW), /\nname {2}(?:long ){200}end\n$/);
    const same = [['cid', CID], ['name', 'readme']] as const; // prettier-ignore
    assert.match(
      pinDetailsText(pin, [same, same], DATABASE, undefined, NOW),
      /Row 1 of 2, from ipfs_kit_py \(pins\.db\)[^]*Row 2 of 2, from ipfs_kit_py \(pins\.db\)/,
    );
  });

  it("say so where the pin is no longer listed, or its row can't be read", () => {
    assert.match(
      pinDetailsText(pin, [], DATABASE, undefined, NOW),
      /This pin is no longer in the list from ipfs_kit_py \(pins\.db\)\.\n$/,
    );
    assert.match(pinDetailsText(pin, [], { ...DATABASE, noun: 'item' }, undefined, NOW), /This item is no longer in the list/);
    assert.match(pinDetailsText(pin, undefined, DATABASE, undefined, NOW), /\nCID {3}\w+\n$/);
    const unlisted = { ...DATABASE, location: undefined };
    assert.match(pinDetailsText(pin, [], unlisted, undefined, NOW), /no longer in the list from ipfs_kit_py\.\n$/);
  });
});
