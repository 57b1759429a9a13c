import { realpathSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

/** The complete stack of the caller. VS Code shortens stacks, and the extension may be far down. */
export function stackHere(): string {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = Infinity;
  try {
    return new Error().stack ?? '';
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/**
 * The extensions whose files are on a stack, the nearest first, since VS Code doesn't say which extension calls. Empty where none is visible, as after a timer.
 * A program can hide if it wants to: all extensions run in one process.
 */
export function callingExtensions<E extends { readonly extensionPath: string }>(
  stack: string,
  installed: readonly E[],
): readonly E[] {
  const lines = stack.split('\n').map(comparable);
  const seen: { readonly extension: E; readonly line: number }[] = [];
  for (const extension of installed) {
    const folders = spellings(extension.extensionPath);
    const line = lines.findIndex((text) => folders.some((folder) => text.includes(folder)));
    if (line >= 0) seen.push({ extension, line });
  }
  return seen.sort((one, other) => one.line - other.line).map(({ extension }) => extension);
}

/** The forms in which a folder may appear in a stack: as it is known, and with its links resolved; as a path, and as a URL for ES modules. */
function spellings(folder: string): readonly string[] {
  if (folder === '') return []; // The extension's folder isn't on this machine.
  let real = folder;
  try {
    real = realpathSync(folder);
  } catch {
    // The folder doesn't exist, so it contains no code.
  }
  return [folder, real].flatMap((each) => [comparable(each + path.sep), comparable(`${pathToFileURL(each).href}/`)]);
}

/** Windows doesn't distinguish `C:` from `c:`. */
function comparable(text: string): string {
  return process.platform === 'win32' ? text.toLowerCase() : text;
}
