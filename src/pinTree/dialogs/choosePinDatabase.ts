import path from 'node:path';
import * as vscode from 'vscode';
import { SETTING } from '../../base/contributions';
import { DEFAULT_DATABASE_PATH } from '../../base/settingDefaults';
import { abbreviateHome, expandHome } from '../../base/homePath';
import { IpfsKitError } from '../../base/ipfsKitError';
import type { PinWorkerHandle } from '../../pinWorker/pinWorkerHandle';
import type { StoreCandidate } from '../../pinStore/locate';
import type { SurveyedStore } from '../../pinStore/surveyStore';
import type { SafeText } from '../../base/safeText';
import { joined, safe, safeText } from '../../base/safeText';
import type { Settings } from '../../base/settingTypes';
import { ageText, sizeText } from '../../base/sizeAndAge';
import { SOURCE_NAME } from '../text/provenanceText';
import { pinCount } from '../text/pinCount';

export interface ChooseParts {
  readonly worker: PinWorkerHandle;
  readonly settings: Settings;
  /** The location of the list that is shown: a path where it came from disk. */
  readonly shown: () => string | undefined;
  readonly list: () => Promise<void>;
}

interface Entry extends vscode.QuickPickItem {
  readonly choice?: { readonly path: string | undefined } | 'browse';
}

/** The most stores in the dialog: each is opened to count its pins. */
const MOST_LISTED = 50;

/** Shows every pin store that was found, with its format and number of pins. The chosen one becomes the setting. */
export async function choosePinDatabase({ worker, settings, shown, list }: ChooseParts): Promise<void> {
  const usual = expandHome(DEFAULT_DATABASE_PATH);
  const roots = [...new Set([settings.databasePath.value(), usual])];
  const found = (await Promise.all(roots.map((root) => located(worker, root)))).flat();
  const stores = [...new Map(found.map((store) => [store.path, store])).values()]
    .sort((a, b) => b.modifiedMs - a.modifiedMs)
    .slice(0, MOST_LISTED);
  const surveyed = new Map<string, SurveyedStore>();
  const current = shown();

  const pick = vscode.window.createQuickPick<Entry>();
  pick.title = 'IPFS Kit: Choose Pin Database';
  pick.placeholder = "Used when the daemon doesn't respond";
  pick.matchOnDescription = true;
  pick.matchOnDetail = true;
  const show = (): void => {
    const [active] = pick.activeItems;
    pick.items = entries(stores, surveyed, usual, current);
    const again = pick.items.find(({ label }) => label === active?.label);
    if (again) pick.activeItems = [again];
  };
  const stopped = new AbortController();
  const chosen = new Promise<Entry | undefined>((resolve) => {
    pick.onDidAccept(() => {
      resolve(pick.selectedItems[0]);
      pick.hide();
    });
    pick.onDidHide(() => {
      stopped.abort();
      pick.dispose();
      resolve(undefined);
    });
  });
  show();
  pick.show();
  void lookInto(stores, surveyed, { worker, pythonPath: settings.pythonPath.value(), signal: stopped.signal }, () => {
    if (!stopped.signal.aborted) show();
  }).finally(() => {
    if (!stopped.signal.aborted) pick.busy = false;
  });
  pick.busy = true;

  const choice = (await chosen)?.choice;
  if (choice === undefined) return;
  const target = choice === 'browse' ? await browse(settings.databasePath.value()) : choice;
  if (!target) return;
  await settings.set(SETTING.databasePath, target.path === undefined ? undefined : abbreviateHomeFolder(target.path));
  await list();
}

async function located(worker: PinWorkerHandle, databasePath: string): Promise<readonly StoreCandidate[]> {
  return worker.request('locate', { databasePath }).catch(() => []); // a folder that can't be read has no stores to offer
}

interface Surveying {
  readonly worker: PinWorkerHandle;
  readonly pythonPath: string | undefined;
  readonly signal: AbortSignal;
}

/** Surveys the stores one by one, in order, and puts the results into `into`. */
async function lookInto(
  stores: readonly StoreCandidate[],
  into: Map<string, SurveyedStore>,
  { worker, pythonPath, signal }: Surveying,
  onEach: () => void,
): Promise<void> {
  for (const { path: file, format } of stores) {
    if (signal.aborted) return;
    try {
      into.set(file, await worker.request('survey', { path: file, format, pythonPath }, { signal }));
    } catch (error) {
      if (IpfsKitError.is(error, 'cancelled')) return;
      into.set(file, { problem: IpfsKitError.from(error) });
    }
    onEach();
  }
}

function entries(
  stores: readonly StoreCandidate[],
  surveyed: ReadonlyMap<string, SurveyedStore>,
  usual: string,
  current: string | undefined,
): Entry[] {
  const separator = (label: 'nothing found' | 'found' | ''): Entry => ({ label, kind: vscode.QuickPickItemKind.Separator });
  return [
    {
      label: safe`$(search) Newest data in ${abbreviateHome(usual)}`,
      description: 'default',
      choice: { path: undefined },
    },
    separator(stores.length === 0 ? 'nothing found' : 'found'),
    ...stores.map((store): Entry => {
      const seen = surveyed.get(store.path);
      const icon = seen?.problem ? 'warning' : store.path === current ? 'check' : 'database';
      return {
        label: safe`$(${icon}) ${safeText(path.basename(store.path))}`,
        description: describe(store, seen, store.path === current),
        detail: safeText(
          seen?.problem?.message.replaceAll(store.path, path.basename(store.path)) ?? abbreviateHome(store.path),
          300,
        ),
        choice: { path: store.path },
      };
    }),
    separator(''),
    {
      label: '$(folder-opened) Browse…',
      description: 'a database file or an ipfs_kit_py folder',
      choice: 'browse',
      alwaysShow: true,
    },
  ];
}

function describe(
  { format, sizeBytes, modifiedMs }: StoreCandidate,
  seen: SurveyedStore | undefined,
  isShown: boolean,
): SafeText {
  const name = format === 'empty' ? 'empty file' : format === 'unknown' ? 'not a database' : SOURCE_NAME[format];
  return joined(
    [
      seen?.detail?.startsWith('table ') === true ? safe`${name} ${safeText(seen.detail)}` : name,
      seen?.pins === undefined ? undefined : pinCount(seen.pins),
      sizeBytes > 0 ? safeText(sizeText(sizeBytes)) : undefined,
      safeText(ageText(new Date(modifiedMs).toISOString(), Date.now())),
      isShown ? 'shown now' : undefined,
    ],
    ' · ',
  );
}

async function browse(from: string): Promise<{ readonly path: string } | undefined> {
  const [chosen] =
    (await vscode.window.showOpenDialog({
      title: 'Choose Pin Database',
      openLabel: 'Choose',
      canSelectFiles: true,
      canSelectFolders: process.platform === 'darwin', // on other systems a dialog shows either files or folders
      defaultUri: vscode.Uri.file(path.dirname(from)),
      filters: { 'Pin databases': ['db', 'db3', 'sqlite', 'sqlite3', 'duckdb', 'parquet', 'json'], 'All Files': ['*'] },
    })) ?? [];
  return chosen && { path: chosen.fsPath };
}

/** The path with `~` for the home folder, where expanding it gives the same path again. */
function abbreviateHomeFolder(file: string): string {
  const short = abbreviateHome(file);
  return /^~[/\\]/.test(short) && expandHome(short) === file ? short : file;
}
