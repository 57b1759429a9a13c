import { realpathSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

/** The stack of the caller, whole: the editor shortens it, and whoever is meant may be far down. */
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
 * The extensions whose files are on a stack, the nearest first: VS Code does not tell who calls. Empty where none is to be seen, as after a timer. A program
 * that wants to can hide: all extensions run in one process.
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

/** As a folder may stand in a stack: as it is known, and where it really is; as a path, and as a URL for ES modules. */
function spellings(folder: string): readonly string[] {
  if (folder === '') return []; // it is not on this machine
  let real = folder;
  try {
    real = realpathSync(folder);
  } catch {
    // it is not there, and has no code
  }
  return [folder, real].flatMap((each) => [comparable(each + path.sep), comparable(`${pathToFileURL(each).href}/`)]);
}

/** Windows does not tell `C:` from `c:`. */
function comparable(text: string): string {
  return process.platform === 'win32' ? text.toLowerCase() : text;
}
