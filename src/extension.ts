import path from 'node:path';
import type * as vscode from 'vscode';
import { createApi } from './api';
import type { IpfsKitApi } from './api';
import { commandRegistrar, registerCommands } from './commands';
import { VIEW } from './base/contributions';
import { createDaemonMonitor } from './daemonClient/ipfsKit/monitor';
import { forgivingMemory } from './base/editorMemory';
import { IpfsKitError } from './base/ipfsKitError';
import { createPinWorkerHandle } from './pinWorker/pinWorkerHandle';
import { keepListView, keptListView } from './pinTree/list/keptListView';
import type { PinView } from './pinTree/pinView';
import { createPinView } from './pinTree/pinView';
import { logListing } from './pinTree/listingLog';
import { createLog } from './log';
import { createListsOfSources } from './sourceCommands/listsOfSources';
import { IPFS_KIT_SOURCE } from './pinSource/ipfsKitSource';
import { registerSources } from './sourceCommands/registerSources';
import { registerDaemonCommands } from './reaper/editor/daemonCommands';
import { refreshOnDaemonChange } from './pinTree/list/refreshOnDaemonChange';
import { refreshOnStoreChange } from './pinTree/list/refreshOnStoreChange';
import { readSettings } from './settings';
import { createStatusBar } from './statusBar';
import { registerVfs } from './vfs/editor/registerVfs';

/** Settings that say where pins stand. */
const LISTED_ANEW_FOR = [
  'daemon',
  'database',
  'python',
  'sources',
  'kubo',
  'cluster',
  'pinningServices',
  'tls',
  'content.repository',
];

/** Builds the parts and wires them; nothing is asked, read or started before a command or the view wants it. */
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
  const monitor = createDaemonMonitor({
    urls: () => (settings.sources.value().wanted.includes(IPFS_KIT_SOURCE) ? settings.daemonUrls.value() : []),
  });
  const workspaceMemory = forgivingMemory(context.workspaceState, log.warn);
  const lists = createListsOfSources({
    worker,
    monitor,
    settings,
    secrets: context.secrets,
    view: keptListView(workspaceMemory),
    note: log.warn,
    samplePath,
  });
  const { model } = lists.first;

  const register = commandRegistrar(log);
  const daemonCommands = registerDaemonCommands(
    {
      log,
      monitor,
      relist: async () => {
        if (model.state.listing ?? model.state.error) await model.list();
      },
      worker,
      settings,
      memory: forgivingMemory(context.globalState, log.warn),
      logFile: path.join(context.globalStorageUri.fsPath, 'daemon.log'),
    },
    register,
  );
  const storeRefresh = refreshOnStoreChange(monitor, model, {
    databasePath: () => settings.databasePath.value(),
    pidFile: () => settings.pidFile.value(),
    note: log.warn,
  });
  const statusBar = createStatusBar();
  const updateStatusBar = (): void => statusBar.update(monitor.current(), lists.shown(), settings.statusBar.value());
  lists.onDidChange(updateStatusBar);
  keepListView(lists, workspaceMemory);

  const threadFile = context.asAbsolutePath(path.join('dist', 'vfsWorker.js'));
  const content = registerVfs({ log, settings, secrets: context.secrets, threadFile, view: () => view }, register);
  const view: PinView = createPinView(lists, content, register, (visible) => {
    monitor.setVisible(visible);
    storeRefresh.setVisible(visible);
  });
  context.subscriptions.push(
    log,
    settings,
    statusBar,
    storeRefresh,
    view,
    content,
    registerCommands({
      log,
      lists,
      monitor,
      worker,
      samplePath,
      settings,
      view,
      own: (disposable) => void context.subscriptions.push(disposable),
      version: versionOf(context),
      register,
    }),
    daemonCommands,
    registerSources({ log, lists, view, settings, secrets: context.secrets }, register),
    monitor.onDidChange(updateStatusBar),
    refreshOnDaemonChange(monitor, model),
    settings.onDidChange((affects) => {
      updateStatusBar();
      if (LISTED_ANEW_FOR.some(affects) && (model.state.listing ?? model.state.error)) void lists.list(true);
    }),
    monitor,
    lists,
    { dispose: () => void worker.dispose() },
  );
  logListing(log, monitor, lists);
  updateStatusBar();
  log.info(`IPFS Kit ${versionOf(context)}; view ${VIEW.pins}`);
  return createApi({ worker, monitor, lists, settings, stopDaemon: daemonCommands.stopDaemon });
}

function versionOf({ extension }: vscode.ExtensionContext): string {
  const { version } = extension.packageJSON as { version: string };
  return version;
}
