import type * as vscode from 'vscode';
import type { PinDetails } from '../../pin/pinTable';
import type { PinWorkerHandle } from '../../pinWorker/pinWorkerHandle';
import type { ListsJoin } from '../list/listsJoin';
import { copiesFacts } from '../text/copiesText';
import type { Noun } from '../text/pinCount';
import { nounOf } from '../text/pinCount';
import { pinDetailsText } from '../text/pinDetailsText';
import { pinLabel } from '../text/pinText';
import type { ChosenPin } from '../chosenRows';
import { tellNothingChosen } from '../../vfs/editor/contentTarget';
import { showTextDocument } from './textDocuments';

export interface DetailsParts {
  readonly worker: PinWorkerHandle;
  readonly join: ListsJoin;
  /** The clicked or selected pins. */
  readonly chosen: readonly ChosenPin[];
  /** Registers a disposable that is disposed of with the extension. */
  readonly own: (disposable: vscode.Disposable) => void;
}

const MOST_OPENED = 10;
/** What the title of a document begins with. */
const TITLE = { pin: 'Pin', item: 'Item' } as const satisfies Readonly<Record<Noun, string>>;

/** Opens a read-only document for each pin, with its facts and every column of its rows. */
export async function showPinDetails({ worker, join, chosen, own }: DetailsParts): Promise<void> {
  if (chosen.length === 0) return tellNothingChosen(undefined);
  for (const { pin, detail, list } of chosen.slice(0, MOST_OPENED)) {
    const { listing } = list.model.state;
    let rows: readonly PinDetails[] | undefined;
    if (listing) rows = await worker.request('details', { table: listing.opened.table, cid: pin.cid }).catch(() => undefined); // then the document has only what the view shows
    const key = `${list.source.id} ${pin.type ?? ''} ${pin.cid}`;
    const noun = nounOf(list.model.state);
    const of = { name: list.source.name, location: listing?.opened.location, noun };
    const copies = await join.copiesOf(list, pin.cid).catch(() => ({}));
    const text = pinDetailsText(pin, rows, of, detail, Date.now(), copiesFacts(copies, list.source.id, join.nameOf));
    await showTextDocument({ key, what: TITLE[noun], title: pinLabel(pin), text, preview: chosen.length === 1 }, own);
  }
}
