import path from 'node:path';
import type * as vscode from 'vscode';
import { createApi } from './api';
import type { IpfsKitApi } from './api';
import { commandRegistrar, registerCommands } from './commands';
import { SETTING, SETTINGS_OF_SOURCES, VIEW } from './base/contributions';
import { createDaemonMonitor } from './daemonClient/ipfsKit/monitor';
import { forgivingMemory } from './base/editorMemory';
import { IpfsKitError } from './base/ipfsKitError';
import { createPinWorkerHandle } from './pinWorker/pinWorkerHandle';
import { followWindow } from './pinTree/followWindow';
import { createListHistory } from './pinTree/list/listHistory';
import { showsSample } from './pinTree/list/pinLists';
import { keepListView, savedListView } from './pinTree/list/savedListView';
import type { SourceList } from './pinTree/list/sourceList';
import type { RegisteredView } from './pinTree/registerPinView';
import { registerPinView } from './pinTree/registerPinView';
import { createLog } from './logChannel';
import { createListsOfSources } from './sourceCommands/listsOfSources';
import { isIpfsKitWanted } from './pinSource/ipfsKitSource';
import { registerSourceCommands } from './sourceCommands/registerSourceCommands';
import { registerDaemonCommands } from './reaper/editor/registerDaemonCommands';
import { readSettings } from './settings';
import { registerVfs } from './vfs/editor/registerVfs';

let stopWorker: (() => Promise<void>) | undefined;

/** Builds the parts and connects them. Nothing is probed, read or started before a command or the view needs it. */
export function activate(context: vscode.ExtensionContext): IpfsKitApi {
  const log = createLog();
  const settings = readSettings();
  const samplePath = context.asAbsolutePath(path.join('media', 'sample', 'pins.db'));

  const worker = createPinWorkerHandle({
    file: context.asAbsolutePath(path.join('dist', 'pinWorker.js')),
    wasmFile: context.asAbsolutePath(path.join('dist', 'sql-wasm.wasm')),
    keepFolder: path.join(context.globalStorageUri.fsPath, 'last-lists'),
    onEnded: (why) => {
      if (!IpfsKitError.is(why, 'cancelled')) log.warn(`Pin worker: ${why.message}`);
    },
  });
  stopWorker = () => worker.dispose();
  const monitor = createDaemonMonitor({
    urls: () => (isIpfsKitWanted(settings.sources.value()) ? settings.daemonUrls.value() : []),
  });
  const memory = forgivingMemory(context.globalState, log.warn);
  const workspaceMemory = forgivingMemory(context.workspaceState, log.warn);
  const { lists, join } = createListsOfSources({
    worker,
    monitor,
    settings,
    secrets: context.secrets,
    view: savedListView(workspaceMemory),
    note: log.warn,
    samplePath,
  });
  const history = createListHistory({
    worker,
    lists,
    folder: path.join(context.globalStorageUri.fsPath, 'history'),
    isOn: () => settings.history.value(),
    note: log.warn,
  });
  const wereListed = (): readonly SourceList[] =>
    lists.all().filter(({ model: { state } }) => state.listing !== undefined || state.error !== undefined);

  const register = commandRegistrar(log);
  const daemonCommands = registerDaemonCommands(
    {
      log,
      monitor,
      relist: async () => {
        for (const { source, model } of wereListed()) if (source.monitor) await model.list();
      },
      worker,
      settings,
      memory,
      logFile: path.join(context.globalStorageUri.fsPath, 'daemon.log'),
      focusing: async () => (await view.load()).focusing(),
    },
    register,
  );
  keepListView(lists, workspaceMemory);

  const threadFile = context.asAbsolutePath(path.join('dist', 'vfsWorker.js'));
  const sampleContent = path.join(path.dirname(samplePath), 'content');
  const sample = (): string | undefined => (showsSample(lists) ? sampleContent : undefined);
  const content = registerVfs(
    { log, settings, secrets: context.secrets, memory, threadFile, sample, view: () => view.load(), redraw: () => view.redraw() },
    register,
  );
  const view: RegisteredView = registerPinView({
    log,
    lists,
    register,
    loadCode: async () => {
      const { createDisplay } = await import('./display');
      return (tree, redraw) => createDisplay(tree, redraw, { log, lists, join, monitor, settings, content });
    },
  });
  context.subscriptions.push(
    log,
    settings,
    view,
    content,
    registerCommands({
      log,
      lists,
      join,
      history,
      monitor,
      worker,
      samplePath,
      settings,
      loadView: view.load,
      own: (disposable) => void context.subscriptions.push(disposable),
      version: versionOf(context),
      register,
    }),
    daemonCommands,
    registerSourceCommands({ log, lists, history, worker, loadView: view.load, settings, secrets: context.secrets }, register),
    followWindow(lists, settings),
    monitor.onDidChange(view.show),
    settings.onDidChange((affects) => {
      if (affects(SETTING.history)) history.settingChanged();
      if (SETTINGS_OF_SOURCES.some(affects) && wereListed().length > 0) void lists.list(true);
    }),
    monitor,
    history,
    lists,
    join,
  );
  log.info(`IPFS Kit ${versionOf(context)}; view ${VIEW.pins}`);
  return createApi({ worker, monitor, lists, settings, stopDaemon: daemonCommands.stopDaemon });
}

/** VS Code waits a few seconds for this: time for the pin worker to end the Python that it runs, and to delete its copy of a database. */
export function deactivate(): Promise<void> | undefined {
  return stopWorker?.();
}

function versionOf({ extension }: vscode.ExtensionContext): string {
  const { version } = extension.packageJSON as { version: string };
  return version;
}
