import type * as vscode from 'vscode';
import type { DaemonMonitor } from '../daemonClient/ipfsKit/monitor';
import { tokenStorage } from '../daemonClient/tokenStorage';
import { IpfsKitError } from '../base/ipfsKitError';
import type { Settings } from '../base/settings';
import type { PinWorkerHandle } from '../pinWorker/pinWorkerHandle';
import { createSources, SOURCE_KINDS } from '../pinSource/sourceKinds';
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
  const sources = createSources({
    settings: () => settings.sources.value(),
    repository: () => settings.content.value().repository,
    isRepositorySet: () => settings.content.value().isRepositorySet,
    authorization: tokenStorage(secrets),
    ways: () => settings.ways.value(),
    note,
    probe: () => monitor.check('asked'),
    monitor,
    stores: { databasePath: () => settings.databasePath.value(), pidFile: () => settings.pidFile.value(), note },
    listing: () => ({
      daemonUrls: settings.daemonUrls.value(),
      databasePath: settings.databasePath.value(),
      pythonPath: settings.pythonPath.value(),
      // Beside the pins of another source a sample would be taken for one's own.
      samplePath: settings.sampleWhenMissing.value() && sources().length === 1 ? samplePath : undefined,
    }),
  });
  const [first] = sources([SOURCE_KINDS[0].id]);
  if (!first) throw new IpfsKitError('internal', 'The first kind of source has none.');
  return createPinLists(first, sources, (source) => ({ source, model: createPinListModel({ worker, source, view }) }));
}
