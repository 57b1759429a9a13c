import * as vscode from 'vscode';
import { IpfsKitError } from '../../base/ipfsKitError';
import { safe, safeText } from '../../base/safeText';
import type { Settings } from '../../base/settingTypes';
import type { HistoryPlace } from '../../history/historyContract';
import type { PinWorkerHandle } from '../../pinWorker/pinWorkerHandle';
import { withLateProgress } from '../../vfs/editor/lateProgress';
import type { ListHistory, LostPins } from '../list/listHistory';
import type { PinLists } from '../list/pinLists';
import type { SourceList } from '../list/sourceList';
import { changesText, historyDayTexts, lostText, momentText } from '../text/historyText';
import { sourceDescription } from '../text/sourceText';
import { showTextDocument } from './textDocuments';

export interface ChangesParts {
  readonly worker: PinWorkerHandle;
  readonly lists: PinLists;
  readonly history: ListHistory;
  readonly settings: Pick<Settings, 'history'>;
  /** The list of the clicked row or of the selection. */
  readonly chosenList: SourceList | undefined;
  /** The loss that a notification told. */
  readonly lost?: LostPins | undefined;
  readonly own: (disposable: vscode.Disposable) => void;
}

const TITLE = 'IPFS Kit: What Changed Since';
/** The most rows of each kind in the document. */
const MOST_ROWS = 1000;

/** Asks for a source and a day, and opens what has changed since then as a document. */
export async function showChanges(parts: ChangesParts): Promise<void> {
  const { history, lost } = parts;
  const list = lost?.list ?? (await askSource(parts));
  if (!list) return;
  const place = history.placeOf(list);
  if (!place)
    throw new IpfsKitError('missing', `${list.source.name} isn't listed, so its history isn't known. Refresh to list it.`);
  const sinceMs = lost?.sinceMs ?? (await askDay(parts, list, place));
  if (sinceMs !== undefined) await openChanges(parts, list, place, sinceMs);
}

/** Warns of pins that are gone, and shows what has changed if the person wants to see it. */
export async function warnOfLost(parts: ChangesParts): Promise<void> {
  if (!parts.lost) return;
  const { list, lost, sinceMs } = parts.lost;
  const show = 'Show';
  const text = lostText(list.source.name, lost.count, sinceMs, Date.now());
  if ((await vscode.window.showWarningMessage(text, show)) === show) await showChanges(parts);
}

async function askSource({ lists, history, chosenList }: ChangesParts): Promise<SourceList | undefined> {
  const shown = lists.shown().filter((list) => history.placeOf(list) !== undefined);
  const [only, ...others] = shown;
  if (chosenList) return chosenList;
  if (!only) throw new IpfsKitError('missing', 'No source is listed, so no history is known. Refresh to list the sources.');
  if (others.length === 0) return only;
  const items = shown.map((list) => ({
    label: safeText(list.source.name),
    description: sourceDescription(list.model.state, Date.now()),
    list,
  }));
  return (await vscode.window.showQuickPick(items, { title: TITLE, placeHolder: 'Select a source' }))?.list;
}

async function askDay(
  { worker, settings }: ChangesParts,
  { source, model }: SourceList,
  place: HistoryPlace,
): Promise<number | undefined> {
  const name = safeText(source.name);
  const days = await withLateProgress(safe`Reading the history of ${name}`, (_report, signal) =>
    worker.request('historyDays', place, { signal }),
  );
  const items = historyDayTexts(days, Date.now()).map(({ title, description, atMs }) => ({ label: title, description, atMs }));
  const [first] = days.atMs;
  if (items.length > 0)
    return (await vscode.window.showQuickPick(items, { title: TITLE, placeHolder: safe`Compare the list of ${name} with` }))
      ?.atMs;
  const why =
    first === undefined
      ? settings.history.value()
        ? safe`No list of ${name} has been kept yet.`
        : safe`No list of ${name} has been kept, because ipfsKit.history is off.`
      : safe`The history of ${name} begins with the list of ${momentText(first)}. There is no earlier one to compare it with.${
          model.state.listing?.freshness === 'live' ? '' : ' Lists from disk are compared only with each other.'
        }`;
  void vscode.window.showInformationMessage(why);
  return undefined;
}

async function openChanges(
  { worker, own }: ChangesParts,
  { source }: SourceList,
  place: HistoryPlace,
  sinceMs: number,
): Promise<void> {
  const name = safeText(source.name);
  const changes = await withLateProgress(safe`Comparing lists of ${name}`, (_report, signal) =>
    worker.request('changes', { ...place, sinceMs, limit: MOST_ROWS }, { signal }),
  );
  const title = safe`${name} since ${momentText(changes.fromMs)}`;
  const text = changesText(source.name, changes);
  await showTextDocument({ key: `changes ${place.source} ${sinceMs}`, what: 'Changed', title, text, preview: true }, own);
}
