import type * as vscode from 'vscode';
import type { DaemonMonitor } from '../daemonClient/ipfsKit/monitor';
import { ownTurn } from '../base/ownTurn';
import { tokenReader } from '../daemonClient/tokenReader';
import type { Settings } from '../base/settingTypes';
import type { PinWorkerHandle } from '../pinWorker/pinWorkerHandle';
import { usualIpfsKitSource } from '../pinSource/ipfsKitSource';
import type { PinSource } from '../pinSource/pinSource';
import type { SourceParts } from '../pinSource/sourceKind';
import type { ListView } from '../pinTree/list/listView';
import type { JoinedLists } from '../pinTree/list/joinedLists';
import { joinedLists } from '../pinTree/list/joinedLists';

export interface ListsParts {
  readonly worker: PinWorkerHandle;
  readonly monitor: DaemonMonitor;
  readonly settings: Settings;
  readonly secrets: vscode.SecretStorage;
  /** Filter, order and groups of the lists at first. */
  readonly view: ListView;
  /** The sample database, which is shown where the user has no pins, if the settings say so. */
  readonly samplePath: string;
  /** Receives lines for the log. */
  readonly note: (line: string) => void;
}

/** The lists of all sources that are in the settings or found on disk, joined with each other. */
export function createListsOfSources({ worker, monitor, settings, secrets, view, samplePath, note }: ListsParts): JoinedLists {
  const parts: SourceParts = {
    settings: () => settings.sources.value(),
    repository: () => settings.content.value().repository,
    isRepositorySet: () => settings.content.value().isRepositorySet,
    authorization: tokenReader(secrets),
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
      // Beside the pins of another source, the sample could be mistaken for the user's own pins.
      return settings.sampleWhenMissing.value()
        ? expected().then(({ length }) => ({ ...usual, samplePath: length === 1 ? samplePath : undefined }))
        : usual;
    },
  };
  const first = usualIpfsKitSource(parts);
  let sources: (() => readonly PinSource[]) | undefined;
  const expected = async (): Promise<readonly PinSource[]> => {
    if (!sources) {
      // Activating, loading and making the sources in one turn would block the editor.
      await ownTurn();
      const { createSources, SOURCE_KINDS } = await import('../pinSource/sourceKinds');
      await ownTurn();
      // The first source exists already.
      sources ??= createSources(
        parts,
        SOURCE_KINDS.map((kind) => (kind.id === first.id ? { ...kind, create: () => () => [first] } : kind)),
      );
    }
    return sources();
  };
  return joinedLists(worker, first, expected, view, note);
}
