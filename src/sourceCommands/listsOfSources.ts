import type * as vscode from 'vscode';
import type { DaemonMonitor } from '../daemonClient/ipfsKit/monitor';
import { tokenStorage } from '../daemonClient/tokenStorage';
import type { Settings } from '../base/settings';
import type { PinWorkerHandle } from '../pinWorker/pinWorkerHandle';
import { usualIpfsKitSource } from '../pinSource/ipfsKitSource';
import type { PinSource } from '../pinSource/pinSource';
import type { SourceParts } from '../pinSource/sourceKind';
import type { ListView } from '../pinTree/list/listView';
import { createPinListModel } from '../pinTree/list/pinListModel';
import type { PinLists } from '../pinTree/list/pinLists';
import { createPinLists } from '../pinTree/list/pinLists';

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

/** The lists of all sources that the settings, or files on disk, tell of. */
export function createListsOfSources({ worker, monitor, settings, secrets, view, samplePath, note }: ListsParts): PinLists {
  const parts: SourceParts = {
    settings: () => settings.sources.value(),
    repository: () => settings.content.value().repository,
    isRepositorySet: () => settings.content.value().isRepositorySet,
    authorization: tokenStorage(secrets),
    ways: () => settings.ways.value(),
    note,
    probe: () => monitor.check('asked'),
    monitor,
    stores: { databasePath: () => settings.databasePath.value(), pidFile: () => settings.pidFile.value(), note },
    listing: () => {
      const usual = {
        daemonUrls: settings.daemonUrls.value(),
        databasePath: settings.databasePath.value(),
        pythonPath: settings.pythonPath.value(),
      };
      // Beside the pins of another source a sample would be taken for one's own.
      return settings.sampleWhenMissing.value()
        ? expected().then(({ length }) => ({ ...usual, samplePath: length === 1 ? samplePath : undefined }))
        : usual;
    },
  };
  const first = usualIpfsKitSource(parts);
  let sources: (() => readonly PinSource[]) | undefined;
  const expected = async (): Promise<readonly PinSource[]> => {
    if (!sources) {
      const { createSources, SOURCE_KINDS } = await import('../pinSource/sourceKinds');
      await nextTurn(); // to load them and to make them, in one turn of the thread, would hold up the editor
      // The first is made already.
      sources ??= createSources(
        parts,
        SOURCE_KINDS.map((kind) => (kind.id === first.id ? { ...kind, create: () => () => [first] } : kind)),
      );
    }
    return sources();
  };
  return createPinLists(first, expected, (source) => ({ source, model: createPinListModel({ worker, source, view }) }));
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}
