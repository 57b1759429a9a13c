import * as vscode from 'vscode';
import type { SafeText } from '../../base/safeText';
import { whyRejected } from '../../base/whyRejected';
import type { PastedPath } from '../../pin/pastedPath';
import { parsePasted, pastedPath } from '../../pin/pastedPath';

/** The longest text of the clipboard that is proposed. */
const LONGEST_PROPOSED = 2000;
/** The longest wait for the clipboard (ms). */
const CLIPBOARD_MS = 500;

interface CidBox {
  readonly title: SafeText;
  readonly prompt: SafeText;
  /** Why this content can't be taken, though it is a CID or a path below one. */
  readonly whyNot?: (at: PastedPath) => SafeText | undefined;
}

/**
 * Asks for a CID or a link, and checks it while it is typed, so that the box and its text stay open after a mistake. Contains the text of the clipboard if
 * that would be accepted, selected, so that typing replaces it. Undefined where the box was left or is empty.
 */
export async function askForCid({ title, prompt, whyNot }: CidBox): Promise<string | undefined> {
  const check = (text: string): SafeText | undefined => {
    if (text.trim() === '') return undefined;
    return whyRejected(() => parsePasted(text)) ?? whyNot?.(parsePasted(text));
  };
  const copied = await copiedCid();
  const value = copied !== undefined && check(copied) === undefined ? copied : '';
  const text = await vscode.window.showInputBox({
    title,
    prompt,
    placeHolder: 'bafy…, /ipfs/…, ipfs://… or a gateway link',
    value,
    valueSelection: [0, value.length],
    validateInput: check,
  });
  return text?.trim() === '' ? undefined : text;
}

/** False once the clipboard couldn't be read, or not at once: in a browser, reading it may ask for permission, and a refusal is a notification each time. */
let isReadable = true;

/** The text of the clipboard if it is one line with a CID or a link; nothing else of the clipboard is kept or shown. */
async function copiedCid(): Promise<string | undefined> {
  if (!isReadable) return undefined;
  const late = new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), CLIPBOARD_MS));
  const read = await Promise.race([vscode.env.clipboard.readText().then(undefined, () => undefined), late]);
  isReadable = read !== undefined;
  const text = (read ?? '').trim();
  const isProposed = text.length <= LONGEST_PROPOSED && !/[\r\n]/.test(text) && pastedPath(text) !== undefined;
  return isProposed ? text : undefined;
}
