import type { ChooseParts } from './choosePinDatabase';
import { choosePinDatabase } from './choosePinDatabase';
import { groupPins, sortPins } from './arrangePins';
import { filterPins } from './filterPins';
import type { ExportParts } from './exportPins';
import { exportPins } from './exportPins';
import type { FindParts } from './findPin';
import { findPin } from './findPin';
import type { InitialiseParts } from './initialisePinDatabase';
import { initialisePinDatabase } from './initialisePinDatabase';
import type { DetailsParts } from './pinDetails';
import { showPinDetails } from './pinDetails';

export type DialogParts = ChooseParts & InitialiseParts & FindParts & ExportParts & DetailsParts;

const DIALOGS = {
  choosePinDatabase,
  initialisePinDatabase,
  filterPins: ({ model }: DialogParts) => filterPins(model),
  sortPins: ({ model }: DialogParts) => sortPins(model),
  groupPins: ({ model }: DialogParts) => groupPins(model),
  findPin,
  exportPins,
  showPinDetails,
} as const satisfies Record<string, (parts: DialogParts) => Promise<void>>;

export type DialogName = keyof typeof DIALOGS;

/** The boxes and picks of the list: a bundle of its own, loaded when the first of them is wanted. */
export function runDialog(name: DialogName, parts: DialogParts): Promise<void> {
  return DIALOGS[name](parts);
}
