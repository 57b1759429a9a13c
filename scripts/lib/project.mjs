// The folders of the project. No dependencies: this runs before any package is installed.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
/** Downloads and tools; not in git, safe to delete. */
export const cache = path.resolve(process.env.IPFS_KIT_CACHE || path.join(root, '.cache'));
/** The output of runs: packages, logs, screenshots. */
export const out = path.join(root, 'out');

export const inRoot = (...parts) => path.join(root, ...parts);

/** Runs `make` once for the same inputs; an interrupted run is repeated. */
export async function once(stampFile, inputs, make) {
  const want = createHash('sha256').update(inputs.join('\0')).digest('hex');
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === want) return false;
  rmSync(stampFile, { force: true });
  await make();
  mkdirSync(path.dirname(stampFile), { recursive: true });
  writeFileSync(stampFile, want);
  return true;
}

const temporaryFolders = new Set();
const erase = (folder) => rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
process.once('exit', () => temporaryFolders.forEach(erase));

/** A folder that is deleted by remove(), or when the process ends. Its name is short: the length of a socket's path is limited. */
export function temporaryFolder(prefix, within = tmpdir()) {
  const folder = mkdtempSync(path.join(within, prefix));
  temporaryFolders.add(folder);
  const remove = () => {
    temporaryFolders.delete(folder);
    erase(folder);
  };
  return { folder, remove };
}

/** The environment of a program that must write nothing into the home directory of a person, but into `folder`. */
export function homeVariables(folder) {
  const variables = ['HOME', 'XDG_CONFIG_HOME', 'XDG_CACHE_HOME', 'XDG_DATA_HOME', 'XDG_STATE_HOME', 'XDG_RUNTIME_DIR'];
  return Object.fromEntries(variables.map((name) => [name, folder]));
}

/** A failure that a person can fix; printed without a stack. */
export class SetupError extends Error {}

/** Refuses an option's value that isn't known, before anything is installed or built for it. */
export function refuseUnknown(what, values, known) {
  const unknown = values.filter((value) => !known.includes(value));
  if (unknown.length > 0) throw new SetupError(`Unknown ${what} ${unknown.join(', ')}. Known: ${known.join(', ')}.`);
}

/**
 * Runs a script's main function: errors are printed as text, with exit status 1. `--help` and an option that parseArgs refuses print the comment at the head of
 * the script; `ownHelp`: the program that it runs has its own help.
 */
export async function main(run, { ownHelp = false } = {}) {
  try {
    if (!ownHelp && process.argv.slice(2).some((option) => option === '--help' || option === '-h'))
      console.log(headOf(process.argv[1]));
    else await run();
  } catch (error) {
    const isWrongOption = String(error?.code).startsWith('ERR_PARSE_ARGS_');
    const [first] = String(error?.message).split('\n');
    console.error(
      isWrongOption
        ? `\n${first}\n${ownHelp ? 'Run it with --help to see its options.' : `\n${headOf(process.argv[1])}`}`
        : error instanceof SetupError
          ? `\n${error.message}`
          : error,
    );
    process.exitCode = 1;
  }
}

function headOf(script) {
  const lines = readFileSync(script, 'utf8').split('\n');
  const end = lines.findIndex((line) => !line.startsWith('//'));
  return lines
    .slice(0, end)
    .map((line) => line.slice(3))
    .join('\n');
}
