import path from 'node:path';
import * as vscode from 'vscode';
import { IpfsKitError } from '../../base/ipfsKitError';
import type { Pin } from '../../pin/pin';
import type { ExportFormat } from '../../pinWorker/exportFormats';
import type { ExportQuery } from '../../pinWorker/protocol';
import type { PinWorkerHandle } from '../../pinWorker/pinWorkerHandle';
import type { SafeText } from '../../base/safeText';
import { safe, safeText } from '../../base/safeText';
import { sizeText } from '../../base/sizeAndAge';
import type { PinListModel } from '../list/pinListModel';
import type { PinLists } from '../list/pinLists';
import type { SourceList } from '../list/sourceList';
import type { ChosenPin } from '../chosenRows';
import { provenance } from '../text/provenanceText';
import type { Noun } from '../text/pinCount';
import { nounOf, pinCount } from '../text/pinCount';
import { withLateProgress } from '../../vfs/editor/lateProgress';
import { localFolder, onlyLocal } from '../../vfs/editor/localFolder';
import { withCommas } from '../../base/withCommas';

export interface ExportParts {
  readonly worker: PinWorkerHandle;
  readonly lists: PinLists;
  /** The list that the command acts on; undefined where it could be one of several. */
  readonly chosenList: SourceList | undefined;
  /** The clicked or selected pins. */
  readonly chosen: readonly ChosenPin[];
}

/** The largest file, in bytes, that the message offers to open: the editor would load all of it. */
const LARGEST_OPENED = 20 * 2 ** 20;

/** The titles of the dialogs. */
const TITLE: Readonly<Record<Noun, SafeText>> = { pin: safe`Export Pins`, item: safe`Export Items` };

type What = 'selected' | 'all';

/** Asks for a file and writes the list into it as it is filtered and sorted, or the selected pins. */
export async function exportPins({ worker, lists, chosenList, chosen }: ExportParts): Promise<void> {
  const list = chosenList ?? (await askList(lists));
  if (!list) return;
  const { model } = list;
  const noun = nounOf(model.state);
  const what = await ask(model, chosen);
  if (!what) return;
  const of = (): ExportedPins => (what === 'selected' ? { pins: chosen.map(({ pin }) => pin) } : listed(model));
  const total = what === 'selected' ? chosen.length : model.state.matching;
  await exportTo(worker, of, { noun, total, hold: model.hold });
}

/** What is exported: pins, or a query of an open list. */
export type ExportedPins = Omit<Extract<ExportQuery, { table: number }>, 'path' | 'format'> | { readonly pins: readonly Pin[] };

/** Asks for a file and writes the pins into it. `of` is called afterwards, since lists change meanwhile. `total`: the number of pins, where it is known. */
export async function exportTo(
  worker: PinWorkerHandle,
  of: (signal: AbortSignal) => ExportedPins | Promise<ExportedPins>,
  { noun, total, hold }: { readonly noun: Noun; readonly total: number | undefined } & Pick<PinListModel, 'hold'>,
): Promise<void> {
  const target = await vscode.window.showSaveDialog({
    title: TITLE[noun],
    saveLabel: 'Export',
    defaultUri: vscode.Uri.joinPath(localFolder(), `${noun}s-${new Date().toISOString().slice(0, 10)}.csv`),
    filters: { CSV: ['csv'], JSON: ['json'] },
  });
  if (!target) return;
  const file = onlyLocal(target, 'A list can only be exported').fsPath;
  const format: ExportFormat = path.extname(file).toLowerCase() === '.json' ? 'json' : 'csv';
  const release = hold();
  const exporting = withLateProgress(safe`Exporting to ${safeText(path.basename(file))}`, async (report, signal) => {
    const ofAll = total === undefined ? '' : ` of ${withCommas(total)}`;
    let before = 0;
    const onPins = (written: number): void => {
      const increment = total === undefined ? undefined : (100 * (written - before)) / total;
      before = written;
      report(safe`${withCommas(written)}${ofAll} ${noun}s`, increment);
    };
    return worker.request('exportPins', { ...(await of(signal)), path: file, format }, { signal, onPins });
  });
  const { pins, bytes } = await exporting.finally(release);
  void tellExported(target, pinCount(pins, noun), bytes);
}

async function tellExported(target: vscode.Uri, pins: SafeText, bytes: number): Promise<void> {
  const open = 'Open';
  const text = safe`Exported ${pins} to ${safeText(path.basename(target.fsPath))} (${sizeText(bytes)}).`;
  const answer = await vscode.window.showInformationMessage(text, ...(bytes <= LARGEST_OPENED ? ([open] as const) : []));
  if (answer === open) await vscode.window.showTextDocument(target);
}

async function askList(lists: PinLists): Promise<SourceList | undefined> {
  const items = lists.shown().flatMap((list) => {
    const { state } = list.model;
    return state.listing ? [{ label: safeText(list.source.name), description: provenance(state, Date.now()), list }] : [];
  });
  if (items.length === 0) throw noList();
  const title = 'IPFS Kit: Export Pins';
  return (await vscode.window.showQuickPick(items, { title, placeHolder: 'Select a source' }))?.list;
}

/** Whether to export all pins or the selected ones; undefined where the dialog is closed. */
async function ask(model: PinListModel, chosen: readonly ChosenPin[]): Promise<What | undefined> {
  const { listing, view, fuzzy, matching } = model.state;
  if (!listing) throw noList();
  if (chosen.length === 0) return 'all';
  const noun = nounOf(model.state);
  const whole = matching === undefined ? safe`All ${noun}s` : safe`All ${pinCount(matching, noun)}`;
  const items = [
    { label: safe`The selected ${chosen.length === 1 ? noun : pinCount(chosen.length, noun)}`, what: 'selected' },
    { label: view.filter === undefined ? whole : safe`${whole} that ${fuzzy ? 'resemble' : 'match'} the filter`, what: 'all' },
  ] as const;
  return (await vscode.window.showQuickPick(items, { title: safe`IPFS Kit: ${TITLE[noun]}` }))?.what;
}

/** The list that is shown now: it may have been replaced while the dialog was open. */
function listed(model: PinListModel): Pick<Extract<ExportQuery, { table: number }>, 'table' | 'query'> {
  const { listing, view, order, fuzzy } = model.state;
  if (!listing) throw noList();
  const { filter, group } = view;
  const query = { filter, fuzzy, sort: order, group };
  return { table: listing.opened.table, query };
}

function noList(): IpfsKitError {
  return new IpfsKitError('missing', 'No pins are listed yet. Run "IPFS Kit: List Pins" first.');
}
