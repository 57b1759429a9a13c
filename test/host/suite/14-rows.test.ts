import assert from 'node:assert/strict';
import { Session } from 'node:inspector/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';
import { IpfsKitError } from '../../../src/base/ipfsKitError';
import type { Pin } from '../../../src/pin/pin';
import type { Listing } from '../../../src/pinSource/listing';
import type { AskedFacts, PinSource } from '../../../src/pinSource/pinSource';
import type { PinLevel } from '../../../src/pinTree/list/pinLevel';
import { movedFrom, NO_ROWS } from '../../../src/pinTree/list/pinLevel';
import type { NewRows } from '../../../src/pinTree/list/newRows';
import { createNewRows } from '../../../src/pinTree/list/newRows';
import type { PinListModel, PinListState } from '../../../src/pinTree/list/pinListModel';
import type { SourceList } from '../../../src/pinTree/list/sourceList';
import { PinTreeProvider } from '../../../src/pinTree/pinTreeProvider';
import { createContentRows } from '../../../src/pinTree/rows/contentRows';
import { GroupRow } from '../../../src/pinTree/rows/groupRow';
import { MoreRow } from '../../../src/pinTree/rows/moreRow';
import type { OpenedRow } from '../../../src/pinTree/rows/openedRow';
import type { OpenedRows } from '../../../src/pinTree/rows/openedRows';
import { createOpenedRows } from '../../../src/pinTree/rows/openedRows';
import { PinRow } from '../../../src/pinTree/rows/pinRow';
import type { Row } from '../../../src/pinTree/rows/row';
import { decorationOf } from '../../../src/pinTree/rows/rowUris';
import { pinKey } from '../../../src/pin/pinKey';
import { MOST_ROWS } from '../../../src/pinTree/list/rowRange';
import { followWindow } from '../../../src/pinTree/followWindow';
import { ViewRows } from '../../../src/pinTree/rows/viewRows';
import { hasBridge } from '../bridge';

const TIMES = 40;

/** Lists that aren't joined. */
const UNJOINED: ConstructorParameters<typeof ViewRows>[1] = {
  copiesOf: () => Promise.resolve({}),
  nameOf: (id) => id,
  onDidChange: () => ({ dispose: () => undefined }),
};

/** A row of a kind that the tree doesn't know. */
class MadeUpRow implements Row {
  asked = 0;

  constructor(
    readonly id: string,
    readonly parent: Row | undefined,
    private readonly below: readonly string[],
  ) {}

  item(): vscode.TreeItem {
    const { Collapsed, None } = vscode.TreeItemCollapsibleState;
    const item = new vscode.TreeItem('Made up', this.below.length > 0 ? Collapsed : None);
    item.id = this.id;
    return item;
  }

  children(): Promise<readonly Row[]> {
    this.asked++;
    return Promise.resolve(this.below.map((id) => new MadeUpRow(id, this, [])));
  }

  resolve(item: vscode.TreeItem): vscode.TreeItem {
    item.tooltip = 'Made up, too';
    return item;
  }
}

async function until(what: string, holds: () => boolean): Promise<void> {
  for (const end = Date.now() + 10_000; !holds(); await sleep(20)) assert.ok(Date.now() < end, what);
}

/** The number of these rows that aren't garbage-collected yet. */
async function held(rows: readonly WeakRef<Row>[]): Promise<number> {
  await sleep(50);
  const session = new Session();
  session.connect();
  for (let round = 0; round < 3; round++) await session.post('HeapProfiler.collectGarbage');
  session.disconnect();
  return rows.filter((row) => row.deref() !== undefined).length;
}

describe('the rows of the tree', () => {
  const manyPins = (count: number): readonly Pin[] => Array.from({ length: count }, (_, at) => ({ cid: `bafk${at}` }));
  let factsKept = 0;

  /** A list with this state, which a test may change. */
  function madeUpList(
    id: string,
    state: Partial<PinListState>,
    below: PinLevel = NO_ROWS,
  ): SourceList & { state: PinListState; readonly newRows: NewRows } {
    const capabilities: PinSource['capabilities'] = { actions: [], token: false, statuses: 'none', sizes: 'none' };
    const rowFacts: NonNullable<PinSource['rowFacts']> = () => {
      factsKept++;
      return { of: (): AskedFacts => ({ sizeBytes: 5 }), forget: () => undefined, dispose: () => factsKept-- };
    };
    const newRows = createNewRows();
    const list = {
      source: { id, name: id, capabilities, rowFacts } as unknown as PinSource,
      newRows,
      state: { busy: false, view: {}, fuzzy: false, rows: NO_ROWS, ...state },
      get model() {
        const rowsOf = (): Promise<PinLevel> => Promise.resolve(below);
        const placeOf: PinListModel['placeOf'] = ({ cid }) => Promise.resolve({ groups: [], pin: Number(cid.slice(4)) });
        const showMore: PinListModel['showMore'] = (_group, move = { to: 'after' }) => {
          const { rows } = list.state;
          const { first, end } = movedFrom(rows, move).pins;
          const pins = manyPins(rows.pinTotal ?? 0).slice(first, end);
          list.state = { ...list.state, rows: { ...rows, pins, first: { groups: 0, pins: first } } };
          return Promise.resolve();
        };
        return { state: list.state, rowsOf, placeOf, showMore, newRows } as unknown as PinListModel;
      },
    };
    return list;
  }

  function viewOf(shown: () => readonly [SourceList, ...SourceList[]]): {
    readonly rows: ViewRows;
    readonly opened: OpenedRows;
    readonly drawn: unknown[];
  } {
    const drawn: unknown[] = [];
    const nothing = (): Promise<never> => Promise.reject(new Error('There is no content here.'));
    const content = createContentRows(
      { isPossible: () => true, list: nothing, stat: nothing, kindsHere: nothing },
      () => undefined,
    );
    const redraw = (row?: unknown): void => void drawn.push(row);
    const opened = createOpenedRows(content, redraw);
    return { drawn, opened, rows: new ViewRows({ shown }, UNJOINED, content, redraw, opened) };
  }

  const pinsIn = (count: number): PinLevel => ({ ...NO_ROWS, pins: manyPins(count), pinTotal: count });

  it('of folders that were opened are at the top, the last one first, ten at most, until they are closed', async () => {
    const { rows, opened } = viewOf(() => [madeUpList('a', {})]);
    const shown = async (): Promise<string> => (await rows.roots()).map((row) => row.item().label as string).join();
    const folder = (name: string): OpenedRow => opened.open({ cid: 'bafkqaaa', path: [name] }, name, 'bafkqaaa');
    const first = folder('0');
    assert.equal(await shown(), '0', 'though nothing is listed');
    for (let at = 1; at < 10; at++) folder(String(at));
    assert.equal(folder('0'), first, 'a row that is there already');
    assert.equal(await shown(), '0,9,8,7,6,5,4,3,2,1');
    folder('$(x) [a](command:b)\n');
    assert.equal(await shown(), '$\u2060(x) [a]\u2060(command:b)␊,0,9,8,7,6,5,4,3,2');
    opened.close(first);
    assert.ok(!(await shown()).includes('0'));
    assert.match(String(first.item().contextValue), /^opened:folder$/);
  });

  it('may be of any kind: shown, expanded, described, drawn again and found again by what all rows have', async () => {
    const top = new MadeUpRow('top', undefined, ['left', 'right']);
    const provider = new PinTreeProvider(() => Promise.resolve([top]));
    const [left] = await provider.getChildren(top);
    assert.ok(left);
    assert.equal(provider.getParent(left), top);
    assert.deepEqual(await provider.getChildren(new MadeUpRow('leaf', top, [])), []);
    assert.equal((await provider.resolveTreeItem(await provider.getTreeItem(left), left)).tooltip, 'Made up, too');
    if (!hasBridge) return provider.dispose(); // Desktop VS Code doesn't show the view.
    const view = vscode.window.createTreeView('ipfsKitHostTests.rows', { treeDataProvider: provider });
    await view.reveal(left, { select: true });
    await until('it is selected', () => view.selection.some(({ id }) => id === 'left'));
    const { asked } = top;
    provider.redraw(top);
    await until('its children are requested again', () => top.asked > asked);
    view.dispose();
    provider.dispose();
  });

  it('are those of a single source, or below a row for each source, and stay the same while nothing changes', async () => {
    const first = madeUpList('ipfs_kit_py', { rows: pinsIn(2) });
    const other = madeUpList('kubo', { rows: pinsIn(3) });
    let shown: readonly [SourceList, ...SourceList[]] = [first];
    const { rows } = viewOf(() => shown);
    const single = await rows.roots();
    assert.deepEqual(
      single.map(({ id }) => id),
      ['pin::bafk0', 'pin::bafk1'],
    );
    assert.deepEqual(await rows.roots(), single);
    shown = [first, other];
    rows.update();
    const sources = await rows.roots();
    assert.deepEqual(
      sources.map(({ id }) => id),
      ['source:ipfs_kit_py', 'source:kubo'],
    );
    const [, ofOther] = sources;
    const below = (await ofOther?.children?.()) ?? [];
    assert.deepEqual(
      below.map(({ id, parent }) => [id, parent?.id]),
      ['source:kubo/pin::bafk0', 'source:kubo/pin::bafk1', 'source:kubo/pin::bafk2'].map((id) => [id, 'source:kubo']),
    );
    assert.equal(await rows.of(other).find({ cid: 'bafk1' }, new AbortController().signal), below[1]);
    assert.equal((await rows.roots())[1], ofOther);
    rows.dispose();
  });

  it('have sources without a list above the others, which keep their place afterwards; one source is expanded', async () => {
    const [first, ill, other] = ['first', 'ill', 'other'].map((id) => madeUpList(id, { busy: true }));
    assert.ok(first && ill && other);
    const { rows } = viewOf(() => [first, ill, other]);
    const shown = async (): Promise<string[]> => (await rows.roots()).map(({ id }) => id.replace('source:', ''));
    const settle = (list: typeof first, change: Partial<PinListState>): void => {
      list.state = { busy: false, view: {}, fuzzy: false, rows: NO_ROWS, ...change };
      rows.update(list);
    };
    const listing = { freshness: 'live', opened: { source: 'cluster', passedOver: [] }, notes: [] } as unknown as Listing;
    const error = new IpfsKitError('needs-token', 'It needs a token.');
    assert.deepEqual(await shown(), ['first', 'ill', 'other']);
    settle(ill, { error });
    assert.deepEqual(await shown(), ['ill', 'first', 'other']);
    for (const list of [first, other]) settle(list, { listing, rows: pinsIn(1), total: 1 });
    settle(first, { error });
    settle(ill, { listing, rows: pinsIn(1), total: 1 });
    assert.deepEqual(await shown(), ['ill', 'first', 'other'], 'nothing moves while rows are read');
    const items = (await rows.roots()).map((row) => row.item());
    assert.deepEqual(
      items.map(({ collapsibleState }) => collapsibleState),
      [2, 0, 1],
    );
    assert.deepEqual(
      items.map(({ command }) => command?.command),
      [undefined, 'ipfsKit.setToken', undefined],
    );
    rows.dispose();
  });

  it('have an arrow where they may be a folder: what the source tells counts before what the name looks like', async () => {
    const cid = 'QmWpLmbM2YgbhUdqKaxMcYppdRjEbBXXaaFnNYCrvNSTyJ';
    const names = ['photo.png', 'docs-site-v1.2.0', undefined];
    const rows = {
      ...NO_ROWS,
      pins: names.map((name) => ({ cid, ...(name !== undefined && { name }) })),
      pinTotal: names.length,
    };
    const arrowsWhere = async (isFile: boolean | undefined): Promise<boolean[]> => {
      const list = madeUpList('kubo', { rows });
      list.source.rowFacts = () => ({ of: () => ({ isFile }), forget: () => undefined, dispose: () => undefined });
      const view = viewOf(() => [list]);
      const items = (await view.rows.roots()).map((row) => row.item());
      view.rows.dispose();
      return items.map(({ collapsibleState }) => collapsibleState === vscode.TreeItemCollapsibleState.Collapsed);
    };
    assert.deepEqual(await arrowsWhere(undefined), [false, true, true]);
    assert.deepEqual(await arrowsWhere(false), [true, true, true]);
    assert.deepEqual(await arrowsWhere(true), [false, false, false]);
  });

  it('offer what their source can do to a pin, and nothing for an indirect one, which another pin keeps', async () => {
    const pins = ['recursive', 'direct', 'indirect', undefined].map((type, at) => ({ cid: `bafk${at}`, ...(type && { type }) }));
    const list = madeUpList('kubo', { rows: { ...NO_ROWS, pins, pinTotal: pins.length } });
    Object.assign(list.source.capabilities, { actions: ['unpin', 'rename'] });
    const { rows } = viewOf(() => [list]);
    const offered = (await rows.roots()).map((row) => (row.item().contextValue ?? '').endsWith(':unpin:rename'));
    assert.deepEqual(offered, [true, true, false, true]);
    rows.dispose();
  });

  it('are marked while they are new, beside what they are marked with anyway, until they are looked at', async () => {
    const pins = [{ cid: 'bafkqaaa', type: 'recursive', name: 'photo.png' }, { cid: 'bafkqaab', type: 'direct' }, { cid: 'bafkqaac', type: 'recursive', status: 'failed' }]; // prettier-ignore
    const list = madeUpList('kubo', { rows: { ...NO_ROWS, pins, pinTotal: pins.length } });
    const { rows } = viewOf(() => [list]);
    const drawn = async (): Promise<readonly (readonly [string | undefined, string, boolean])[]> =>
      (await rows.roots()).map((row) => {
        const { resourceUri, accessibilityInformation } = row.item();
        const decoration = resourceUri && decorationOf(resourceUri.query);
        return [
          decoration?.badge,
          (decoration?.tooltip ?? '').replace(/\d\d:\d\d/, 'TIME'),
          accessibilityInformation?.label.endsWith(', new') === true,
        ];
      });
    const usual = [
      [undefined, '', false],
      ['D', 'Direct pin: only this block is kept', false],
      ['!', 'Failed', false],
    ] as const;
    assert.deepEqual(await drawn(), usual);
    list.newRows.add(pins.map((pin) => pinKey(pin)));
    assert.deepEqual(await drawn(), [
      ['•', 'New since TIME', true],
      ['D•', 'Direct pin: only this block is kept · New since TIME', true],
      ['!•', 'Failed · New since TIME', true],
    ]);
    const [first, ...others] = await rows.roots();
    assert.ok(first instanceof PinRow);
    const { tooltip } = await first.resolve(first.item());
    assert.match(tooltip instanceof vscode.MarkdownString ? tooltip.value : '', /New&nbsp;since&nbsp;\d\d:\d\d/);
    assert.deepEqual([first.look(), first.look()], [true, false]);
    for (const row of others) assert.ok(row instanceof PinRow && row.look());
    assert.deepEqual(await drawn(), usual);
    for (const query of ['row+new=', 'row+new=x', '+new=', '__proto__', 'constructor'])
      assert.equal(decorationOf(query), undefined, query);
    rows.dispose();
  });

  it('keep current only while the window has the focus and the setting is on, which takes effect at once', () => {
    let isOn = true;
    let change = (): void => assert.fail('nobody follows the settings');
    const told: boolean[] = [];
    const following = followWindow(
      { setAlive: (isAlive) => told.push(isAlive) },
      {
        autoRefresh: { value: () => isOn },
        onDidChange: (listener) => {
          change = () => listener(() => true);
          return { dispose: () => undefined };
        },
      },
    );
    isOn = false;
    change();
    isOn = true;
    change();
    const { focused } = vscode.window.state;
    assert.deepEqual(told, [focused, false, focused]);
    following.dispose();
  });

  it('are drawn again where a source has others, and below a group where only those have changed', async () => {
    const group = { key: 'a', count: 3, sized: 0, own: 3, hasFolders: false };
    const list = madeUpList('kubo', { view: { group: 'tier' }, rows: { ...NO_ROWS, groups: [group], groupTotal: 1 } }, pinsIn(3));
    const { rows, drawn } = viewOf(() => [list]);
    rows.update(list);
    rows.update(list);
    assert.deepEqual(drawn, [undefined]);
    const [row] = await rows.roots();
    assert.ok(row instanceof GroupRow);
    assert.equal((await row.children()).length, 3);
    rows.update(list, group);
    assert.deepEqual(drawn, [undefined, row]);
    rows.dispose();
  });

  it('have the peers of a cluster above them; only their row is drawn again once they are known', async () => {
    const list = madeUpList('cluster', { rows: pinsIn(1) });
    list.source.peers = () =>
      Promise.resolve([
        { id: 'a', name: 'alpha' },
        { id: 'b', name: 'beta', problem: 'not reached' },
      ]);
    const { rows, drawn } = viewOf(() => [list]);
    const [peers, pin] = await rows.roots();
    assert.ok(peers && pin instanceof PinRow);
    peers.item();
    await until('they are known', () => drawn.length > 0);
    assert.deepEqual([drawn, peers.item().description], [[peers], '1 of 2 healthy']);
    assert.deepEqual(
      (await peers.children?.())?.map((row) => [row.id, row.parent, row.item().contextValue]),
      ['a', 'b'].map((id) => [`source:cluster/peers/${id}`, peers, 'peer']),
    );
    rows.dispose();
  });

  it('of a long level give way to those that follow, and come back', async () => {
    const list = madeUpList('kubo', { rows: { ...pinsIn(MOST_ROWS), pinTotal: MOST_ROWS + 700 } });
    const { rows } = viewOf(() => [list]);
    const more = (await rows.roots()).at(-1);
    assert.ok(more instanceof MoreRow && more.item().label === 'Show 500 more of 700');
    const next = await more.show();
    assert.ok(next instanceof PinRow && next.pin.cid === `bafk${MOST_ROWS}`);
    const moved = await rows.roots();
    const [before] = moved;
    assert.ok(before instanceof MoreRow && before.item().label === 'Show 500 before these');
    assert.ok(moved.includes(next) && moved.length === MOST_ROWS + 2);
    await before.show();
    assert.equal((await rows.roots())[0]?.id, 'pin::bafk0');
    assert.ok((await rows.of(list).find({ cid: 'bafk1599' }, new AbortController().signal))?.pin.cid === 'bafk1599');
    assert.ok((await rows.roots()).length < MOST_ROWS);
    rows.dispose();
  });

  it('go with their source, with all that is cached for them', async () => {
    const first = madeUpList('ipfs_kit_py', { rows: pinsIn(3) });
    let shown: readonly [SourceList, ...SourceList[]] = [first];
    const { rows } = viewOf(() => shown);
    const seen: WeakRef<Row>[] = [];
    /** Replaces the source with another one. */
    const change = async (at: number): Promise<void> => {
      shown = [first, madeUpList(`service:${at}`, { rows: pinsIn(3) })];
      rows.update();
      const [, source] = await rows.roots();
      const [pin] = (await source?.children?.()) ?? [];
      assert.ok(source && pin);
      seen.push(new WeakRef(source), new WeakRef(pin));
    };
    const factsBefore = factsKept;
    for (let at = 0; at < TIMES; at++) await change(at);
    assert.equal(factsKept - factsBefore, 2, 'facts of the two sources that are shown');
    assert.ok((await held(seen)) <= 2, 'rows of the source that is shown');
    shown = [first];
    rows.update();
    rows.dispose();
    assert.equal(factsKept, factsBefore);
  });

  it('go when the list is read again: no row of the one before stays in memory', async () => {
    const list = madeUpList('kubo', { view: { group: 'tier' } }, pinsIn(3));
    const { rows, drawn } = viewOf(() => [list]);
    const seen: WeakRef<Row>[] = [];
    const refresh = async (at: number): Promise<void> => {
      const groups = [{ key: `tier ${at}`, count: 3, sized: 0, own: 3, hasFolders: false }];
      list.state = { ...list.state, rows: { ...NO_ROWS, groups, groupTotal: 1 } };
      rows.update(list);
      const [group] = await rows.roots();
      const [pin] = (await group?.children?.()) ?? [];
      assert.ok(group && pin);
      seen.push(new WeakRef(group), new WeakRef(pin));
    };
    for (let at = 0; at < TIMES; at++) await refresh(at);
    assert.equal(drawn.length, TIMES);
    assert.ok((await held(seen)) <= 2, 'only the rows of the last group are held');
    rows.dispose();
  });
});
