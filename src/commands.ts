import * as vscode from 'vscode';
import { COMMAND, EXTENSION_ID, VIEW } from './contributions';
import { isUp } from './daemonClient/daemonState';
import type { DaemonMonitor } from './daemonClient/monitor';
import { diagnosticsText } from './diagnostics';
import { IpfsKitError } from './ipfsKitError';
import type { PinWorkerHandle } from './pinIndex/pinWorkerHandle';
import type { DialogName } from './pinTree/dialogs/pinDialogs';
import { changedView } from './pinTree/listView';
import type { PinListModel } from './pinTree/pinListModel';
import type { PinView } from './pinTree/pinView';
import type { Settings } from './settings';

interface Parts {
  readonly log: vscode.LogOutputChannel;
  readonly model: PinListModel;
  readonly monitor: DaemonMonitor;
  readonly worker: PinWorkerHandle;
  readonly samplePath: string;
  readonly version: string;
  readonly settings: Settings;
  readonly view: PinView;
  /** Disposes of this with the extension. */
  readonly own: (disposable: vscode.Disposable) => void;
  readonly register: ReturnType<typeof commandRegistrar>;
}

const DIALOGS: readonly DialogName[] = ['choosePinDatabase', 'initialisePinDatabase', 'findPin', 'exportPins', 'showPinDetails'];

const ARRANGEMENTS = [
  ['filterPins', 'filter'],
  ['sortPins', 'sort'],
  ['groupPins', 'group'],
] as const;

interface MenuEntry extends vscode.QuickPickItem {
  readonly run?: string;
}

type Run = (...given: readonly unknown[]) => Promise<unknown>;

/** Registers a command that never throws: what goes wrong is logged and said. */
export function commandRegistrar(log: vscode.LogOutputChannel): (id: string, run: Run) => vscode.Disposable {
  return (id, run) =>
    vscode.commands.registerCommand(id, async (...given: unknown[]) => {
      try {
        return await run(...given);
      } catch (error) {
        const { message } = IpfsKitError.from(error);
        log.error(`${id}: ${message}`);
        void offerLog(log, message);
        return undefined;
      }
    });
}

async function offerLog(log: vscode.LogOutputChannel, message: string): Promise<void> {
  const showLog = 'Show Log';
  if ((await vscode.window.showWarningMessage(message, showLog)) === showLog) log.show();
}

/** The commands that list, and those that help; rows and the daemon have theirs beside them. */
export function registerCommands({
  log,
  model,
  monitor,
  worker,
  samplePath,
  settings,
  view,
  own,
  version,
  register: command,
}: Parts): vscode.Disposable {
  /** A person asked: beside the welcome text of the view they get the file or URL, and what is wrong with it. */
  const listFor = async (list: Promise<void>): Promise<void> => {
    await vscode.commands.executeCommand(`${VIEW.pins}.focus`);
    await list;
    const { error } = model.state;
    if (error && !IpfsKitError.is(error, 'missing', 'cancelled')) void offerLog(log, error.message);
  };

  const menu = async (): Promise<void> => {
    const separator: MenuEntry = { label: '', kind: vscode.QuickPickItemKind.Separator };
    const { state, detail } = monitor.current();
    const entries: MenuEntry[] = [
      { label: '$(list-flat) List Pins', run: COMMAND.listPins },
      { label: '$(refresh) Refresh Pins', run: COMMAND.refreshPins },
      { label: '$(search) Find Pin', run: COMMAND.findPin },
      separator,
      // Stop is always there: a daemon that hangs, or listens elsewhere, is found by its process.
      ...(isUp(state) ? [] : [{ label: '$(play) Start Daemon', run: COMMAND.startDaemon }]),
      { label: '$(debug-stop) Stop Daemon', run: COMMAND.stopDaemon },
      ...(state === 'absent' ? [] : [{ label: '$(debug-restart) Restart Daemon', run: COMMAND.restartDaemon }]),
      { label: '$(list-tree) Show Daemon Processes', run: COMMAND.showDaemonProcesses },
      separator,
      { label: '$(database) Choose Pin Database', run: COMMAND.choosePinDatabase },
      { label: '$(output) Show Log', run: COMMAND.showLog },
      { label: '$(clippy) Copy Diagnostics', run: COMMAND.copyDiagnostics },
      { label: '$(settings-gear) Open Settings', run: COMMAND.openSettings },
    ];
    const chosen = await vscode.window.showQuickPick(entries, { title: 'IPFS Kit', placeHolder: detail });
    if (chosen?.run) await vscode.commands.executeCommand(chosen.run);
  };

  const copyDiagnostics = async (): Promise<void> => {
    const inspected = worker.isRunning() ? await worker.request('inspect', undefined).catch(() => undefined) : undefined;
    const versions = { extension: version, editor: `${vscode.env.appName} ${vscode.version}` };
    await vscode.env.clipboard.writeText(diagnosticsText(versions, monitor.current(), model.state, inspected));
    vscode.window.setStatusBarMessage('$(check) Diagnostics copied', 3000);
  };

  const dialog = async (name: DialogName, clicked?: unknown, selected?: unknown): Promise<void> => {
    const { runDialog } = await import('./pinTree/dialogs/pinDialogs');
    await runDialog(name, {
      worker,
      settings,
      model,
      own,
      reveal: view.reveal,
      chosen: view.chosen(clicked, selected),
      shown: () => model.state.listing?.opened.location,
      list: () => listFor(model.list()),
    });
  };

  return vscode.Disposable.from(
    command(COMMAND.listPins, () => listFor(model.list())),
    command(COMMAND.refreshPins, () => model.list()),
    command(COMMAND.showMore, (row) => view.showMore(row)),
    command(COMMAND.showSamplePins, () => listFor(model.list({ databasePath: samplePath, samplePath }))),
    ...DIALOGS.map((name) => command(COMMAND[name], (clicked, selected) => dialog(name, clicked, selected))),
    ...ARRANGEMENTS.map(([name, what]) =>
      // A keybinding may say what is wanted; else a box asks for it.
      command(COMMAND[name], (wanted) =>
        typeof wanted === 'string' ? model.setView(changedView(model.view, { [what]: wanted })) : dialog(name),
      ),
    ),
    command(COMMAND.clearFilter, () => model.setView(changedView(model.view, { filter: undefined }))),
    command(COMMAND.stopListing, () => {
      model.stopListing();
      return Promise.resolve();
    }),
    command(COMMAND.showMenu, menu),
    command(COMMAND.showLog, () => {
      log.show();
      return Promise.resolve();
    }),
    command(COMMAND.copyDiagnostics, copyDiagnostics),
    command(COMMAND.openSettings, async () =>
      vscode.commands.executeCommand('workbench.action.openSettings', `@ext:${EXTENSION_ID}`),
    ),
  );
}
