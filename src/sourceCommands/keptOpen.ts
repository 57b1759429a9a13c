import { promises as fs } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/**
 * A terminal closes with its program, and what the program said is gone. So sh starts it, and stays when it has failed, or has ended while
 * `notes` is there. Program and arguments are handed on as they are: sh runs them as "$@", and reads nothing in them.
 * Ctrl+C is for the program alone. The exit code is always 0: the editor would tell another one in a notification of its own.
 */
const SCRIPT = `notes=$1; shift
trap : INT QUIT
"$@"
code=$?
if { printf %s "$code" >"$notes/code"; } 2>/dev/null || { [ "$code" != 0 ] && [ "$code" != 130 ]; }; then
  printf '\\nEnded (exit code %s). Ctrl+C closes this terminal.\\n' "$code"
  cat >/dev/null
fi
exit 0`;

/** What a terminal runs, so that it stays; `notes`: a folder that is told the exit code. */
export function keptOpen(notes: string, file: string, args: readonly string[]): { shellPath: string; shellArgs: string[] } {
  return { shellPath: '/bin/sh', shellArgs: ['-c', SCRIPT, 'sh', notes, file, ...args] };
}

export function createNotes(): Promise<string> {
  return fs.mkdtemp(path.join(tmpdir(), 'ipfs-kit-'));
}

/** Undefined as long as the program runs. */
export async function exitCodeIn(notes: string): Promise<number | undefined> {
  const text = await fs.readFile(path.join(notes, 'code'), 'utf8').catch(() => '');
  return /^\d+$/.test(text) ? Number(text) : undefined;
}

export function removeNotes(notes: string): Promise<void> {
  return fs.rm(notes, { recursive: true, force: true });
}
