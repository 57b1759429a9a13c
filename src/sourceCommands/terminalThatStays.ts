import { promises as fs } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/**
 * A terminal closes together with its program, and the output of the program is lost. So sh runs the program, and stays if the program fails, or ends while
 * the folder `notes` exists. sh runs the program and its arguments as "$@", so it doesn't interpret them. Ctrl+C ends only the program. The exit code is
 * always 0, because VS Code shows a notification for any other.
 */
const SCRIPT = `notes=$1; shift
trap : INT QUIT
"$@"
code=$?
if { printf %s "$code" >"$notes/code"; } 2>/dev/null || { [ "$code" != 0 ] && [ "$code" != 130 ]; }; then
  printf '\\nEnded with exit code %s. Press Ctrl+C to close this terminal.\\n' "$code"
  cat >/dev/null
fi
exit 0`;

/** The shell and arguments of a terminal that stays open. `notes`: the folder into which the exit code is written. */
export function keptOpen(notes: string, file: string, args: readonly string[]): { shellPath: string; shellArgs: string[] } {
  return { shellPath: '/bin/sh', shellArgs: ['-c', SCRIPT, 'sh', notes, file, ...args] };
}

export function createNotes(): Promise<string> {
  return fs.mkdtemp(path.join(tmpdir(), 'ipfs-kit-'));
}

/** The exit code in `notes`; undefined as long as the program runs. */
export async function exitCodeIn(notes: string): Promise<number | undefined> {
  const text = await fs.readFile(path.join(notes, 'code'), 'utf8').catch(() => '');
  return /^\d+$/.test(text) ? Number(text) : undefined;
}

export function removeNotes(notes: string): Promise<void> {
  return fs.rm(notes, { recursive: true, force: true });
}
