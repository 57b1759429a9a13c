import { safeText } from '../base/safeText';

/**
 * VS Code puts the last name of a URI into notifications ("NAME: tokenization, wrapping … have been turned off for this large file"), where `[text](command:…)`
 * is a link that runs the command. So a name that would be drawn as anything but text never becomes part of a URI.
 */

/** Longer than the name of any file. */
const LONGEST = 4096;

/** Whether a name is only text, wherever it is drawn. */
export function isPlainName(name: string): boolean {
  return safeText(name, LONGEST) === name;
}

/** A similar name that is plain: the same name where it is plain already, else with `_` for all but letters, digits and a few signs. */
export function plainName(name: string): string {
  return isPlainName(name) ? name : name.slice(0, LONGEST).replace(/[^\p{L}\p{N}. _-]/gu, '_');
}
