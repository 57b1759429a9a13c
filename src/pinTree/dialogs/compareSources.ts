import * as vscode from 'vscode';
import { IpfsKitError } from '../../base/ipfsKitError';
import type { SafeText } from '../../base/safeText';
import { safe, safeText } from '../../base/safeText';
import { withCommas } from '../../base/withCommas';
import type { PinWorkerHandle } from '../../pinWorker/pinWorkerHandle';
import { withLateProgress } from '../../vfs/editor/lateProgress';
import type { Comparison } from '../list/compareLists';
import { compareLists, differingPins, MOST_EXPORTED, onlyIn, tableOf } from '../list/compareLists';
import type { ListsJoin } from '../list/listsJoin';
import { changedView } from '../list/listView';
import type { PinLists } from '../list/pinLists';
import type { SourceList } from '../list/sourceList';
import type { ComparedPart } from '../text/comparisonText';
import { comparedParts, comparisonText } from '../text/comparisonText';
import { sourceDescription } from '../text/sourceText';
import type { ExportedPins } from './exportDialog';
import { exportTo } from './exportDialog';
import { showTextDocument } from './textDocuments';

export interface CompareParts {
  readonly worker: PinWorkerHandle;
  readonly lists: PinLists;
  readonly join: ListsJoin;
  /** The list of the clicked row or of the selection, which is offered first. */
  readonly chosenList: SourceList | undefined;
  readonly toFirstMatch: () => Promise<void>;
  readonly own: (disposable: vscode.Disposable) => void;
}

const TITLE = 'IPFS Kit: Compare Sources';

/** Asks for two sources, and for what to do with the result: filter the view by a part of it, open all as a document, or export a part. */
export async function compareSources(parts: CompareParts): Promise<void> {
  const { worker, lists, join, chosenList, toFirstMatch } = parts;
  const shown = lists.shown();
  if (shown.length < 2) throw new IpfsKitError('missing', 'Two sources are needed to compare them. Only one is in the view.');
  const here = await askSource(shown, 'Select a source', chosenList);
  if (!here) return;
  const others = shown.filter((list) => list !== here);
  const there = others.length === 1 ? others[0] : await askSource(others, safe`Compare ${safeText(here.source.name)} with`);
  if (!there) return;
  const title = safe`Comparing ${safeText(here.source.name)} and ${safeText(there.source.name)}`;
  const comparison = await withLateProgress(title, (_report, signal) => compareLists(worker, join, here, there, signal));
  const chosen = await askPart(comparison, exportable(worker, comparison).length > 0);
  if (!chosen) return;
  if (chosen === 'export') return exportPart(parts, comparison);
  if (chosen === 'document' || chosen.filter === undefined) return openDocument(parts, comparison);
  await lists.setView(changedView(lists.view, { filter: chosen.filter }));
  await toFirstMatch();
}

async function askSource(lists: readonly SourceList[], placeHolder: string, first?: SourceList): Promise<SourceList | undefined> {
  const sorted = [...lists].sort((a, b) => Number(b === first) - Number(a === first));
  const items = sorted.map((list) => ({
    label: safeText(list.source.name),
    description: sourceDescription(list.model.state, Date.now()),
    list,
  }));
  return (await vscode.window.showQuickPick(items, { title: TITLE, placeHolder: safeText(placeHolder) }))?.list;
}

type Chosen = ComparedPart | 'document' | 'export';

async function askPart(comparison: Comparison, isExportable: boolean): Promise<Chosen | undefined> {
  const items: (vscode.QuickPickItem & { readonly chosen?: Chosen })[] = [
    ...comparedParts(comparison).map((part) => ({
      label: safe`${part.title} (${part.count})`,
      description: part.why ?? safe``,
      chosen: part,
    })),
    { label: '', kind: vscode.QuickPickItemKind.Separator },
    { label: safe`$(go-to-file) Open as Document`, chosen: 'document' },
    ...(isExportable ? [{ label: safe`$(export) Export…`, chosen: 'export' } as const] : []),
  ];
  const placeHolder = 'Select what to show in the view';
  return (await vscode.window.showQuickPick(items, { title: TITLE, placeHolder }))?.chosen;
}

async function openDocument({ worker, own }: CompareParts, comparison: Comparison): Promise<void> {
  const { left, right } = comparison;
  const names = [left, right].map(({ list }) => list.source.name);
  const title = safe`${safeText(names[0] ?? '')} and ${safeText(names[1] ?? '')}`;
  const text = await withLateProgress(safe`Comparing ${title}`, async (_report, signal) =>
    comparisonText(comparison, await onlyIn(worker, left, signal), await onlyIn(worker, right, signal), Date.now()),
  );
  await showTextDocument({ key: `compare ${names.join('\n')}`, what: 'Compared', title, text, preview: true }, own);
}

interface Exportable {
  readonly part: ComparedPart;
  /** Why not all of it is exported. */
  readonly limit?: SafeText | undefined;
  /** The number of pins, where it is known: a content that both sides have may have several. */
  readonly total: number | undefined;
  readonly of: (signal: AbortSignal) => ExportedPins | Promise<ExportedPins>;
}

/** The parts whose pins are known: found by a filter in the list that has them, or differing, of which both sources' pins are exported. */
function exportable(worker: PinWorkerHandle, comparison: Comparison): readonly Exportable[] {
  const [onlyLeft, onlyRight, both, names, statuses] = comparedParts(comparison);
  const { left, right, compared, withStatuses } = comparison;
  const found = [
    { part: onlyLeft, side: left, total: left.only },
    { part: onlyRight, side: right, total: right.only },
    { part: both, side: left, total: undefined },
  ].flatMap(({ part, side: { list, listing }, total }): Exportable[] =>
    part?.filter !== undefined && listing
      ? [{ part, total, of: () => ({ table: tableOf(list), query: { filter: part.filter } }) }]
      : [],
  );
  const differing = [
    { part: names, count: compared?.nameCount, what: 'names' },
    { part: statuses, count: withStatuses === true ? compared?.statusCount : undefined, what: 'statuses' },
  ] as const;
  return [
    ...found,
    ...differing.flatMap(({ part, count = 0, what }): Exportable[] => {
      const limit = count > MOST_EXPORTED ? safe`only the first ${withCommas(MOST_EXPORTED)}` : undefined;
      const of = async (signal: AbortSignal): Promise<ExportedPins> => ({
        pins: await differingPins(worker, comparison, what, signal),
      });
      return part && count > 0 ? [{ part, limit, total: undefined, of }] : [];
    }),
  ];
}

async function exportPart({ worker }: CompareParts, comparison: Comparison): Promise<void> {
  const items = exportable(worker, comparison).map((each) => ({
    label: safe`${each.part.title} (${each.part.count})`,
    description: each.limit ?? safe``,
    ...each,
  }));
  const chosen = await vscode.window.showQuickPick(items, { title: TITLE, placeHolder: 'Select what to export' });
  if (chosen) await exportTo(worker, chosen.of, { noun: 'pin', total: chosen.total, hold: () => holdBoth(comparison) });
}

/** Neither list is read again by itself until the result is called. */
function holdBoth({ left, right }: Comparison): () => void {
  const releases = [left, right].map(({ list }) => list.model.hold());
  return () => releases.forEach((release) => release());
}
