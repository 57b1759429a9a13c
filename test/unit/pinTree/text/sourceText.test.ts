import assert from 'node:assert/strict';
import { it } from 'node:test';
import { IpfsKitError } from '../../../../src/base/ipfsKitError';
import type { PinSource } from '../../../../src/pinSource/pinSource';
import type { PinListState } from '../../../../src/pinTree/list/pinListModel';
import { groupLabel } from '../../../../src/pinTree/text/groupText';
import { provenance, viewMessage } from '../../../../src/pinTree/text/provenanceText';
import { sourceTooltip } from '../../../../src/pinTree/rows/rowTooltips';
import { sourceIcon, sourceRowText } from '../../../../src/pinTree/text/sourceText';

const listing = (freshness: string, notes: readonly string[] = []): object => ({
  listing: { freshness, notes, opened: { source: 'arrow', asOfMs: 0, passedOver: [] }, daemon: { state: 'absent' } },
});
const stateOf = (parts: object): PinListState =>
  ({ view: {}, rows: { pins: [], groups: [] }, total: 40, ...parts }) as unknown as PinListState;

it('the icon of a source says whether its list is live, from disk, or missing', () => {
  const states = [
    listing('live'),
    listing('snapshot'),
    listing('kept'),
    { error: new IpfsKitError('needs-token', '') },
    { error: new IpfsKitError('refused', '') },
    { error: new IpfsKitError('certificate', '') },
  ];
  const icons = states.map((state) => sourceIcon(stateOf(state)).icon);
  assert.deepEqual(icons, ['server', 'database', 'database', 'key', 'circle-slash', 'error']);
});

it('the row of a source has the number and the color of what failed in it', () => {
  const source = { name: 'IPFS Cluster', capabilities: {} } as unknown as PinSource;
  const texts = [undefined, 0, 2].map((failed) => sourceRowText(source, stateOf({ ...listing('live'), failed }), 1));
  assert.deepEqual(texts, ['40 pins · live', '40 pins · live', '2 failed · 40 pins · live']);
  assert.deepEqual(sourceIcon(stateOf({ ...listing('live'), failed: 2 })), { icon: 'warning', color: 'list.warningForeground' });
});

it("the row of a source says that its daemon is running, and only the hover has the daemon's own word for it", () => {
  const detail = 'The daemon at http://127.0.0.1:9999 is running. It reports that it is starting.';
  const row = (state: string): PinListState => stateOf({ ...listing('live'), daemon: { state, detail } });
  const source = { name: 'ipfs_kit_py', capabilities: {} } as unknown as PinSource;
  assert.equal(sourceRowText(source, row('starting'), 1), '40 pins · live');
  assert.ok(sourceTooltip(row('starting'), 1).endsWith(`\n${detail}`));
  assert.ok(!sourceTooltip(row('up'), 1).includes('starting'));
});

it('the row of a source says before its size that its list is old', () => {
  const old = stateOf({ ...listing('kept'), sizes: { count: 40, sized: 40, sizeBytes: 2048 } });
  assert.match(provenance(old, 1, true), /^40 pins · last live list, .{5,10} · daemon stopped · 2\.0 KB$/);
});

it('the message above the last live list says in one sentence why there is no newer one', () => {
  const why =
    "There is no pin database: ~/.ipfs_kit doesn't exist. Start the ipfs_kit_py daemon once, or set ipfsKit.database.path.";
  assert.match(
    viewMessage(stateOf(listing('kept', [why])), 1),
    /^40 pins · last live list, .{5,10} · daemon stopped\. There is no pin database: \.ipfs_kit doesn't exist\.$/,
  );
});

it('groups by type and by status begin with a capital, others are as the source has them', () => {
  const label = (key: string, by: Parameters<typeof groupLabel>[1]): string => groupLabel({ key } as never, by, undefined);
  assert.deepEqual(
    [label('recursive', 'type'), label('failed', 'status'), label('ipfs', 'tier')],
    ['Recursive', 'Failed', 'ipfs'],
  );
});
