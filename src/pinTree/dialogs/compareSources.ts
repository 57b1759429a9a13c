import * as vscode from 'vscode';
import { IpfsKitError } from '../../base/ipfsKitError';
import { safe, safeText } from '../../base/safeText';
import type { PinWorkerHandle } from '../../pinWorker/pinWorkerHandle';
import { withLateProgress } from '../../vfs/editor/lateProgress';
import type { ComparedSide, Comparison } from '../list/compareLists';
import { compareLists, onlyIn } from '../list/compareLists';
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
  const chosen = await askPart(comparison);
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

async function askPart(comparison: Comparison): Promise<Chosen | undefined> {
  const items: (vscode.QuickPickItem & { readonly chosen?: Chosen })[] = [
    ...comparedParts(comparison).map((part) => ({
      label: safe`${part.title} (${part.count})`,
      description: part.why ?? safe``,
      chosen: part,
    })),
    { label: '', kind: vscode.QuickPickItemKind.Separator },
    { label: safe`$(go-to-file) Open as Document`, chosen: 'document' },
    ...(exportable(comparison).length > 0 ? [{ label: safe`$(export) Export…`, chosen: 'export' } as const] : []),
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
  readonly side: ComparedSide;
  /** The number of pins, where it is known: a content that both sides have may have several. */
  readonly total: number | undefined;
}

/** The parts whose pins are found by a filter, each in the list that has them. */
function exportable(comparison: Comparison): readonly Exportable[] {
  const [onlyLeft, onlyRight, both] = comparedParts(comparison);
  const { left, right } = comparison;
  const all = [
    { part: onlyLeft, side: left, total: left.only },
    { part: onlyRight, side: right, total: right.only },
    { part: both, side: left, total: undefined },
  ];
  return all.flatMap(({ part, side, total }) => (part?.filter !== undefined && side.listing ? [{ part, side, total }] : []));
}

async function exportPart({ worker }: CompareParts, comparison: Comparison): Promise<void> {
  const items = exportable(comparison).map((each) => ({ label: safe`${each.part.title} (${each.part.count})`, ...each }));
  const chosen = await vscode.window.showQuickPick(items, { title: TITLE, placeHolder: 'Select what to export' });
  if (!chosen) return;
  const { part, side, total } = chosen;
  const exported = (): ExportedPins => {
    const { openListing } = side.list.model;
    if (!openListing) throw new IpfsKitError('closed', 'The list is being read again. Try again.');
    return { table: openListing.opened.table, query: { filter: part.filter } };
  };
  await exportTo(worker, exported, { noun: 'pin', total, hold: side.list.model.hold });
}
