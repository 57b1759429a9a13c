import { looksLikeCid } from '../../pin/cid';
import type { Pin } from '../../pin/pin';
import { hasFailed } from '../list/failedPins';

/** What has to be seen of a pin before anything else: its CID is none, it has failed, or isn't pinned yet. */
type PinState = 'invalid' | 'failed' | 'pinning' | 'queued';

export function stateOf({ cid, status }: Pin): PinState | undefined {
  if (!looksLikeCid(cid)) return 'invalid';
  return status === undefined || status === 'pinned' ? undefined : stateOfStatus(status);
}

/** `status`: that of a pin or of a group, as a source has it. Undefined for statuses that are neither trouble nor work under way. */
export function stateOfStatus(status: string): Exclude<PinState, 'invalid'> | undefined {
  if (hasFailed(status)) return 'failed';
  // ipfs_kit_py's pin manager and its backends call a pin pending that they have only noted.
  if (/^(?:(?:(?:un)?pin_)?queued|pending)/i.test(status)) return 'queued';
  return /^(?:un)?pinning/i.test(status) ? 'pinning' : undefined;
}

/** A codicon, and the color of the theme that it has. */
export interface Icon {
  readonly icon: string;
  readonly color?: string;
}

export const STATE_ICON: Readonly<Record<PinState, Icon>> = {
  invalid: { icon: 'warning', color: 'list.warningForeground' },
  failed: { icon: 'error', color: 'list.errorForeground' },
  pinning: { icon: 'sync~spin' },
  queued: { icon: 'clock' },
};
