import * as vscode from 'vscode';
import { COMMAND, VIEW } from '../base/contributions';
import type { Disposable } from '../base/disposable';
import { IpfsKitError } from '../base/ipfsKitError';
import type { Log } from '../base/log';
import type { Register } from '../base/register';
import type { PinLists } from './list/pinLists';
import { isIdle } from './list/pinLists';
import { ownTurn } from '../base/ownTurn';
import { PinTreeProvider } from './pinTreeProvider';
import type { PinView, ViewCommand } from './pinView';
import type { Redraw, Row } from './rows/row';

/** Time in ms from the first sign of a list to the loading of its rows: its request is on its way then, and the pin worker is starting in its own thread. */
const PAUSE_MS = 3;

const VIEW_COMMANDS: readonly ViewCommand[] = ['openRow', 'closeOpened', 'showMore', 'copyCid', 'copyName'];

export interface RegisteredView extends Disposable {
  /** The view, which is loaded once. Rejects with `cancelled` once disposed. */
  readonly load: () => Promise<PinView>;
  /** To be called when there is something to show. Never throws. */
  readonly show: () => void;
  /** Draws the rows again, if there are any. */
  readonly redraw: () => void;
}

export interface RegisterParts {
  readonly log: Pick<Log, 'error'>;
  readonly lists: PinLists;
  readonly register: Register;
  /** Loads the code that creates the view. */
  readonly loadCode: () => Promise<(tree: vscode.TreeView<Row>, redraw: Redraw) => PinView>;
}

/** Registers the Pins view and the commands on its rows. The code of the rows is loaded while the first list is on its way, or with the first of the commands. */
export function registerPinView({ log, lists, register, loadCode }: RegisterParts): RegisteredView {
  let asked = false;
  const listOnce = (): void => {
    if (asked) return;
    asked = true;
    if (isIdle(lists)) void lists.list();
  };
  const provider = new PinTreeProvider(async () => {
    listOnce();
    return (await load()).roots();
  });
  const redraw: Redraw = (rows) => provider.redraw(rows);
  const tree = vscode.window.createTreeView(VIEW.pins, {
    treeDataProvider: provider,
    canSelectMany: true,
    showCollapseAll: true,
  });

  let loading: Promise<PinView> | undefined;
  let loaded: PinView | undefined;
  let isDisposed = false;
  const loadLater = async (): Promise<PinView> => {
    await pause(PAUSE_MS);
    await ownTurn();
    const create = await loadCode();
    await ownTurn(); // loading the code and drawing the view in one turn would block the editor
    if (isDisposed) throw new IpfsKitError('cancelled', 'IPFS Kit is shutting down.');
    return (loaded = create(tree, redraw));
  };
  const load = (): Promise<PinView> => (loading ??= loadLater());
  const show = (): void => {
    load().catch((error: unknown) => {
      if (!isDisposed) log.error(`The Pins view can't be loaded: ${IpfsKitError.from(error).message}`);
    });
  };

  const parts = vscode.Disposable.from(
    tree,
    provider,
    lists.onDidChange(show),
    tree.onDidChangeVisibility(({ visible }) => lists.setVisible(visible)),
    ...VIEW_COMMANDS.map((name) => register(COMMAND[name], async (...given) => (await load()).run(name, given))),
  );
  return {
    load,
    show,
    redraw: () => loaded?.redraw(),
    dispose: () => {
      isDisposed = true;
      loaded?.dispose();
      void parts.dispose();
    },
  };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
