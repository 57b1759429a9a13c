import * as vscode from 'vscode';
import type { Choice } from './base/choices';
import { CHOICE_KINDS, CHOICES, choiceCommands } from './base/choices';
import { COMMAND } from './base/contributions';
import type { DaemonMonitor } from './daemonClient/ipfsKit/monitor';
import { IpfsKitError } from './base/ipfsKitError';
import type { PinWorkerHandle } from './pinWorker/pinWorkerHandle';
import type { DialogName, DialogParts } from './pinTree/dialogs/pinDialogs';
import { changedView } from './pinTree/list/listView';
import { choose } from './pinTree/list/viewChoices';
import type { ListHistory, LostPins } from './pinTree/list/listHistory';
import type { ListsJoin } from './pinTree/list/listsJoin';
import type { PinListModel } from './pinTree/list/pinListModel';
import type { PinLists } from './pinTree/list/pinLists';
import type { PinView } from './pinTree/pinView';
import type { Settings } from './base/settingTypes';
import type { Log } from './base/log';
import type { Register } from './base/register';

interface Parts {
  readonly log: Log;
  readonly lists: PinLists;
  readonly join: ListsJoin;
  readonly history: ListHistory;
  readonly monitor: DaemonMonitor;
  readonly worker: PinWorkerHandle;
  readonly samplePath: string;
  readonly version: string;
  readonly settings: Settings;
  /** See RegisteredView. */
  readonly loadView: () => Promise<PinView>;
  /** Registers a disposable that is disposed of with the extension. */
  readonly own: (disposable: vscode.Disposable) => void;
  readonly register: Register;
}

const DIALOGS: readonly Exclude<DialogName, 'warnOfLost'>[] = [
  'choosePinDatabase',
  'initialisePinDatabase',
  'findPin',
  'filterByStatus',
  'exportPins',
  'compareSources',
  'showChanges',
  'showPinDetails',
  'showMenu',
  'copyDiagnostics',
  'reportIssue',
  'openSettings',
];

const ARRANGEMENTS = [
  ['filterPins', 'filter'],
  ['sortPins', 'sort'],
  ['groupPins', 'group'],
] as const;

/** Registers a command that never throws: an error is logged and shown. */
export function commandRegistrar(log: Log): Register {
  return (id, run) =>
    vscode.commands.registerCommand(id, async (...given: unknown[]) => {
      try {
        return await run(...given);
      } catch (error) {
        const { message } = IpfsKitError.from(error);
        log.error(`${id}: ${message}`);
        void log.offer(message);
        return undefined;
      }
    });
}

/** Registers the commands on lists, and those for help. The commands on rows, content, sources and the daemon are registered beside those. */
export function registerCommands({
  log,
  lists,
  join,
  history,
  monitor,
  worker,
  samplePath,
  settings,
  loadView,
  own,
  version,
  register: command,
}: Parts): vscode.Disposable {
  /** The list of the source with stores on disk, which can be opened from a file other than the one in the settings. */
  const ofStores = (): PinListModel | undefined => lists.all().find(({ source }) => source.stores)?.model;

  /** Gives the list the focus and waits for a list that the user asked for. Its error is shown too, with the file or URL that the welcome text leaves out. */
  const listFor = async (list: Promise<void> | undefined): Promise<void> => {
    const focusing = (await loadView()).focusing();
    void focusing.toList();
    await list;
    focusing.end();
    const [{ source, model }, ...others] = lists.shown();
    const { error } = model.state;
    // For these reasons the welcome text of the view has the next step.
    const isSaid =
      IpfsKitError.is(error, 'missing', 'cancelled', 'left-out') ||
      (source.welcome !== '' && IpfsKitError.is(error, 'refused', 'needs-token', 'foreign'));
    if (others.length === 0 && error && !isSaid) void log.offer(error.message);
  };

  const dialog = async (name: DialogName, clicked?: unknown, selected?: unknown): Promise<void> => {
    const view = await loadView();
    await view.stopFocusing();
    const [chosen, chosenList] = [view.chosen(clicked, selected), view.chosenList(clicked)];
    return run(name, { view, chosen, chosenList, lost: undefined });
  };
  const run = async (
    name: DialogName,
    { view, ...of }: Pick<DialogParts, 'chosen' | 'chosenList' | 'lost'> & { readonly view: PinView },
  ): Promise<void> => {
    const { runDialog } = await import('./pinTree/dialogs/pinDialogs');
    return runDialog(name, {
      ...of,
      worker,
      settings,
      lists,
      join,
      history,
      monitor,
      version,
      own,
      reveal: view.reveal,
      focusing: view.focusing,
      toFirstMatch: view.toFirstMatch,
      shown: () => ofStores()?.state.listing?.opened.location,
      list: () => listFor(lists.list(true)),
    });
  };

  /** Never throws. */
  const warnOfLost = async (lost: LostPins): Promise<void> => {
    try {
      await run('warnOfLost', { view: await loadView(), chosen: [], chosenList: lost.list, lost });
    } catch (error) {
      log.error(`What changed in ${lost.list.source.name} can't be shown: ${IpfsKitError.from(error).message}`);
    }
  };

  const choices = CHOICE_KINDS.flatMap((kind) => CHOICES[kind].map((choice: Choice) => [kind, choice] as const));

  return vscode.Disposable.from(
    history.onLost((lost) => void warnOfLost(lost)),
    command(COMMAND.listPins, () => listFor(lists.list(true))),
    command(COMMAND.refreshPins, () => lists.list(true)),
    command(COMMAND.showSamplePins, () => listFor(ofStores()?.list({ databasePath: samplePath, samplePath }))),
    ...DIALOGS.map((name) => command(COMMAND[name], (clicked, selected) => dialog(name, clicked, selected))),
    ...ARRANGEMENTS.map(([name, what]) =>
      // A keybinding may pass the filter or key; otherwise a dialog asks for it.
      command(COMMAND[name], (wanted) =>
        typeof wanted === 'string' ? lists.setView(changedView(lists.view, { [what]: wanted })) : dialog(name),
      ),
    ),
    ...choices.flatMap(([kind, choice]) =>
      choiceCommands(kind, choice).map((id) =>
        command(id, () => choose({ lists, toFirstMatch: async () => (await loadView()).toFirstMatch() }, kind, choice)),
      ),
    ),
    command(COMMAND.clearFilter, () => lists.setView(changedView(lists.view, { filter: undefined }))),
    command(COMMAND.resetView, () => lists.setView({})),
    command(COMMAND.stopListing, () => {
      lists.stopListing();
      return Promise.resolve();
    }),
    command(COMMAND.showLog, () => {
      log.show();
      return Promise.resolve();
    }),
  );
}
