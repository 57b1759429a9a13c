import { EXTENSION_ID } from '../../base/contributions';
import { openSettings } from './openSettings';
import type { ChooseParts } from './choosePinDatabase';
import { choosePinDatabase } from './choosePinDatabase';
import { pickChoice } from './pickChoice';
import type { FilterParts } from './filterPins';
import { filterPins } from './filterPins';
import type { ExportParts } from './exportDialog';
import { exportPins } from './exportDialog';
import type { CompareParts } from './compareSources';
import { compareSources } from './compareSources';
import type { FindParts } from './findPin';
import { findPin } from './findPin';
import type { InitializeParts } from './initializePinDatabase';
import { initializePinDatabase } from './initializePinDatabase';
import type { DiagnosticsParts } from './copyDiagnostics';
import { copyDiagnostics, reportIssue } from './copyDiagnostics';
import { showMenu } from './showMenu';
import type { ChangesParts } from './showChanges';
import { showChanges, warnOfLost } from './showChanges';
import type { DetailsParts } from './pinDetails';
import { showPinDetails } from './pinDetails';

export type DialogParts = ChooseParts &
  InitializeParts &
  FilterParts &
  FindParts &
  ExportParts &
  CompareParts &
  ChangesParts &
  DetailsParts &
  DiagnosticsParts;

const DIALOGS = {
  choosePinDatabase,
  initialisePinDatabase: initializePinDatabase, // spelled as its public command id
  filterPins,
  filterByStatus: (parts: DialogParts) => pickChoice(parts, 'status'),
  sortPins: (parts: DialogParts) => pickChoice(parts, 'sort'),
  groupPins: (parts: DialogParts) => pickChoice(parts, 'group'),
  findPin,
  exportPins,
  compareSources,
  showChanges,
  warnOfLost,
  showPinDetails,
  showMenu,
  copyDiagnostics,
  reportIssue,
  openSettings: () => openSettings(`@ext:${EXTENSION_ID}`),
} as const satisfies Record<string, (parts: DialogParts) => Promise<void>>;

export type DialogName = keyof typeof DIALOGS;

/** Runs a dialog by the name of its command. */
export function runDialog(name: DialogName, parts: DialogParts): Promise<void> {
  return DIALOGS[name](parts);
}
