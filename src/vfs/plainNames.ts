import { safeText } from '../base/safeText';

/**
 * VS Code itself puts the last name of a URI into notifications ("NAME: tokenization, wrapping … have been turned off for this large file"), where
 * `[text](command:…)` is a link that runs the command. So no name that would be drawn as anything but text becomes a part of a URI.
 */

/** Longer than any name of a file. */
const LONGEST = 4096;

/** Whether a name is nothing but text wherever it is drawn. */
export function isPlainName(name: string): boolean {
  return safeText(name, LONGEST) === name;
}

/** A name like it that is plain: the same where it is so already, else with `_` for all but letters, digits and a few signs. */
export function plainName(name: string): string {
  return isPlainName(name) ? name : name.slice(0, LONGEST).replace(/[^\p{L}\p{N}. _-]/gu, '_');
}

/** Whether a path can lead through this name; editors take others apart. */
export function isPathName(name: string): boolean {
  return name !== '' && name !== '.' && name !== '..' && !name.includes('/') && !name.includes('\u0000');
}
