import * as vscode from 'vscode';
import type { PinDetails } from '../../pin/pinTable';
import type { PinWorkerHandle } from '../../pinWorker/pinWorkerHandle';
import type { ListsJoin } from '../list/listsJoin';
import { copiesFacts } from '../text/copiesText';
import { pinDetailsText } from '../text/pinDetailsText';
import { pinLabel } from '../text/pinText';
import type { ChosenPin } from '../chosenRows';
import { tellNothingChosen } from '../../vfs/editor/contentTarget';
import type { SafeText } from '../../base/safeText';
import { safe, safeText } from '../../base/safeText';

export interface DetailsParts {
  readonly worker: PinWorkerHandle;
  readonly join: ListsJoin;
  /** The clicked or selected pins. */
  readonly chosen: readonly ChosenPin[];
  /** Registers a disposable that is disposed of with the extension. */
  readonly own: (disposable: vscode.Disposable) => void;
}

const SCHEME = 'ipfs-kit-pin';
/** Documents in this folder have the language `ipfs-pin` (package.json), whatever the ending of a pin's name. */
const FOLDER = '/pin-details';
const MOST_OPENED = 10;

/** The texts of the open documents, by key. They stay as they were when the document was opened, even if the list changes. */
const texts = new Map<string, SafeText>();
let registered = false;

/** Opens a read-only document for each pin, with its facts and every column of its rows. */
export async function showPinDetails({ worker, join, chosen, own }: DetailsParts): Promise<void> {
  if (chosen.length === 0) return tellNothingChosen(undefined);
  if (!registered) {
    registered = true;
    own(
      vscode.workspace.registerTextDocumentContentProvider(SCHEME, {
        provideTextDocumentContent: ({ query }) => texts.get(query) ?? safe``,
      }),
    );
    own(
      vscode.workspace.onDidCloseTextDocument(({ uri }) => {
        if (uri.scheme === SCHEME) texts.delete(uri.query);
      }),
    );
  }
  for (const { pin, detail, list } of chosen.slice(0, MOST_OPENED)) {
    const { listing } = list.model.state;
    let rows: readonly PinDetails[] | undefined;
    if (listing) rows = await worker.request('details', { table: listing.opened.table, cid: pin.cid }).catch(() => undefined); // then the document has only what the view shows
    const key = `${list.source.id} ${pin.type ?? ''} ${pin.cid}`;
    const of = { name: list.source.name, location: listing?.opened.location };
    const copies = await join.copiesOf(list, pin.cid).catch(() => ({}));
    texts.set(key, pinDetailsText(pin, rows, of, detail, Date.now(), copiesFacts(copies, list.source.id, join.nameOf)));
    const title = safeText(pinLabel(pin).replace(/[/\\]/g, '∕'), 80);
    const uri = vscode.Uri.from({ scheme: SCHEME, path: `${FOLDER}/Pin: ${title}`, query: key });
    const document = await vscode.workspace.openTextDocument(uri);
    await vscode.window.showTextDocument(document, { preview: chosen.length === 1 });
  }
}
