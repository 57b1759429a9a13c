import * as vscode from 'vscode';
import type { SafeText } from '../base/safeText';
import { safe } from '../base/safeText';
import { isPathName } from '../pin/fileName';

/** The most bytes of a name that file systems take. */
const MOST_BYTES = 255;

/** Asks for the name of an entry, and checks it while it is typed. Undefined where the box was left. `value`: what it contains first, selected up to its ending. */
export async function askEntryName(title: SafeText, prompt: SafeText, value = ''): Promise<string | undefined> {
  const ending = value.lastIndexOf('.');
  return vscode.window.showInputBox({
    title,
    prompt,
    value,
    valueSelection: [0, ending > 0 ? ending : value.length],
    validateInput: whyNoName,
  });
}

/** Why an entry can't have this name, which a person has entered; undefined where it can. */
export function whyNoName(name: string): SafeText | undefined {
  if (name.trim() === '') return safe`Enter a name.`;
  if (!isPathName(name)) return safe`A name can't contain a slash, and can't be “.” or “..”.`;
  if (Buffer.byteLength(name) > MOST_BYTES) return safe`A name has at most ${MOST_BYTES} bytes.`;
  return /[\p{Cc}\p{Cs}\ufffd]/u.test(name) ? safe`A name can't contain line breaks and other control characters.` : undefined;
}

/** A name for an entry that is close to a name that may be anything; `otherwise` where nothing is left of it. */
export function possibleName(name: string, otherwise: string): string {
  let possible = name.replace(/[\p{Cc}\p{Cs}\p{Cf}\ufffd/]+/gu, '_').trim();
  while (Buffer.byteLength(possible) > MOST_BYTES) possible = Array.from(possible).slice(0, -1).join('');
  return whyNoName(possible) === undefined ? possible : otherwise;
}
