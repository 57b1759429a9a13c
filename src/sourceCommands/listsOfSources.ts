import type * as vscode from 'vscode';
import type { DaemonMonitor } from '../daemonClient/ipfsKit/monitor';
import type { PinWorkerHandle } from '../pinWorker/pinWorkerHandle';
import type { ListView } from '../pinTree/list/listView';
import { createPinListModel } from '../pinTree/list/pinListModel';
import type { PinLists } from '../pinTree/list/pinLists';
import type { SourceList } from '../pinTree/list/sourceList';
import { createPinLists } from '../pinTree/list/pinLists';
import type { Settings } from '../base/settings';
import { areOthersExpected } from '../pinSource/expectedSources';
import { IPFS_KIT_SOURCE, ipfsKitSource } from '../pinSource/ipfsKitSource';
import type { PinSource } from '../pinSource/pinSource';
import { tokenStorage } from '../daemonClient/tokenStorage';

export interface ListsParts {
  readonly worker: PinWorkerHandle;
  readonly monitor: DaemonMonitor;
  readonly settings: Settings;
  readonly secrets: vscode.SecretStorage;
  /** How the lists are wanted at first. */
  readonly view: ListView;
  /** Of the pins that are shown where there are none of one's own, if that is wanted. */
  readonly samplePath: string;
  /** Told what belongs into the log. */
  readonly note: (line: string) => void;
}

/** The list of ipfs_kit_py's pins, and those of the other places that the settings or files on disk tell of. */
export function createListsOfSources({ worker, monitor, settings, secrets, view, samplePath, note }: ListsParts): PinLists {
  const places = {
    settings: () => settings.sources.value(),
    repository: () => settings.content.value().repository,
    isRepositorySet: () => settings.content.value().isRepositorySet,
  };
  const ipfsKit = ipfsKitSource({
    probe: () => monitor.check('asked'),
    sources: () =>
      settings.sources.value().wanted.includes(IPFS_KIT_SOURCE)
        ? {
            daemonUrls: settings.daemonUrls.value(),
            databasePath: settings.databasePath.value(),
            pythonPath: settings.pythonPath.value(),
            ...(settings.sampleWhenMissing.value() && !areOthersExpected(places) && { samplePath }), // else the pins of others would be below it
          }
        : undefined,
  });
  const listOf = (source: PinSource): SourceList => ({ source, model: createPinListModel({ worker, source, view }) });
  let sources: (() => readonly PinSource[]) | undefined;
  const others = async (): Promise<readonly PinSource[]> => {
    if (!areOthersExpected(places)) return [];
    // To read the settings, to load the bundle and to make the sources, all in one turn of the thread, would hold up the editor.
    await nextTurn();
    const { createDaemonSources } = await import('../pinSource/daemonSources');
    await nextTurn();
    sources ??= createDaemonSources({
      ...places,
      authorization: tokenStorage(secrets),
      ways: () => settings.ways.value(),
      note,
    });
    return sources();
  };
  return createPinLists(listOf(ipfsKit), others, listOf);
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}
