import type { Pin } from './pin';

/** What tells a pin from others with the same CID. Sizes and statuses change, so they don't. */
const TELLING = ['type', 'name', 'vfsPath', 'pinnedAt'] as const;

/** A pin to find in a list: its CID, and as much else as the caller knows. */
export type SoughtPin = Pick<Pin, 'cid' | (typeof TELLING)[number]>;

/** The most rows with the CID of a sought pin that are compared with it. */
export const MOST_ALIKE = 1000;

/** The index of the sought pin: the first that is the same in everything, else the first that contradicts nothing; -1 where there is none. */
export function soughtAmong(pins: readonly Pin[], sought: SoughtPin): number {
  const isSame = (pin: Pin, isKnown: (value: unknown) => boolean): boolean =>
    pin.cid === sought.cid && TELLING.every((what) => pin[what] === sought[what] || !isKnown(sought[what]));
  const same = pins.findIndex((pin) => isSame(pin, () => true));
  return same >= 0 ? same : pins.findIndex((pin) => isSame(pin, (value) => value !== undefined));
}
