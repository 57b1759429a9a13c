import path from 'node:path';
import * as vscode from 'vscode';
import { abbreviateHome } from '../../base/homePath';
import { IpfsKitError } from '../../base/ipfsKitError';
import type { PinWorkerHandle } from '../../pinWorker/pinWorkerHandle';
import { safe, safeText } from '../../base/safeText';
import type { Settings } from '../../base/settingTypes';

export interface InitializeParts {
  readonly worker: PinWorkerHandle;
  readonly settings: Settings;
  readonly list: () => Promise<void>;
}

/** Asks, and creates a pin database where there is no file or an empty one. A file with content is never changed. */
export async function initializePinDatabase({ worker, settings, list }: InitializeParts): Promise<void> {
  if (!vscode.workspace.isTrusted)
    throw new IpfsKitError(
      'cancelled',
      "A database can't be created in an untrusted workspace. Trust the workspace, or open another window.",
    );
  const place = await worker.request('placeOfNew', { databasePath: settings.databasePath.value() });
  const create = 'Create';
  const answer = await vscode.window.showInformationMessage(
    safe`Create the pin database ${safeText(path.basename(place.path))}?`,
    {
      modal: true,
      detail: safe`${place.replacesEmptyFile ? 'The empty file' : 'The new file'} ${safeText(abbreviateHome(place.path), 500)} will be a SQLite database with an empty table of pins (cid, name, pin_type, created_at). IPFS Kit writes nothing else.`,
    },
    create,
  );
  if (answer !== create) return;
  await worker.request('createNew', place);
  await list();
}
