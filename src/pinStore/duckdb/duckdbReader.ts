import { lstat, mkdtemp, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { nameOf, refresh } from '../../base/settingOrOption';
import { canceled, IpfsKitError } from '../../base/ipfsKitError';
import { PIN_COLUMNS } from '../../pin/columnNames';
import type { PythonCommand } from './runPython';
import { runPython } from './runPython';
import PROGRAM from './duckdbExport.py';
import { copyStill } from './stillCopy';

export interface DuckdbOptions {
  /** Undefined: DuckDB files aren't read. */
  readonly python?: PythonCommand | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called from time to time while Python works, with the bytes that have arrived. */
  readonly onReceived?: ((bytes: number) => void) | undefined;
  /** ms until the first byte, and in all. */
  readonly limits?: { readonly firstByteMs: number; readonly totalMs: number };
}

const LIMITS = { firstByteMs: 30_000, totalMs: 60_000 };
/** The limit for the output: three million pins. Joining its parts takes the same amount again. */
const MOST_BYTES = 2 ** 29;
/** The beginning of the name of the folder with the copy. */
const FOLDER = 'ipfs-kit-duckdb-';
/** Far longer than a copy is ever made and read. */
const LEFT_BEHIND_MS = 24 * 60 * 60_000;
/** More than is ever shown or read as JSON of a single text. */
const LONGEST_TEXT = 65_537;

/**
 * The pins of a DuckDB database as an Arrow stream, read by the user's own Python from a private copy of the file and its `.wal`: no build of
 * DuckDB for WASM reads today's files. Rejects with IpfsKitError: unsupported (no Python, no module, a newer file), corrupt, no-pins-table,
 * busy, missing, unreadable, too-large, timeout, cancelled.
 */
export async function readDuckdb(file: string, options: DuckdbOptions): Promise<Uint8Array> {
  const { python, signal, limits = LIMITS, onReceived } = options;
  if (!python)
    throw new IpfsKitError(
      'unsupported',
      `${file} is a DuckDB database, which Python reads, and ${nameOf('python')} is empty. Set it, or start the ipfs_kit_py daemon.`,
    );
  await sweep(python.tempFolder);
  const folder = await mkdtemp(path.join(python.tempFolder, FOLDER)).catch((error: unknown) => {
    throw new IpfsKitError(
      'unreadable',
      `${file} can't be copied to ${python.tempFolder}, where it would be read (${errorText(error)}). Make room there, or start the ipfs_kit_py daemon.`,
      { cause: error },
    );
  });
  try {
    const copy = path.join(folder, 'pins.duckdb');
    await copyStill(file, copy, ['', '.wal'], signal);
    const args = [copy, JSON.stringify(PIN_COLUMNS), String(LONGEST_TEXT), String(Math.ceil(limits.totalMs / 1000) + 5)];
    const { output, failure } = await runPython(
      { python, program: PROGRAM, args, cwd: folder },
      { ...limits, mostBytes: MOST_BYTES, signal, onReceived },
    );
    if (failure !== undefined) throw asReason(file, python.path, failure);
    return output;
  } finally {
    await removed(folder);
  }
}

/** Deletes copies that a crash has left behind: folders of this user with that name, in which nothing was created or deleted for a day. */
async function sweep(tempFolder: string): Promise<void> {
  const names = await readdir(tempFolder).catch((): string[] => []);
  for (const name of names.filter((each) => each.startsWith(FOLDER))) {
    const folder = path.join(tempFolder, name);
    const status = await lstat(folder).catch(() => undefined);
    const isOld = status?.isDirectory() === true && Date.now() - status.mtimeMs > LEFT_BEHIND_MS;
    if (isOld && status.uid === (process.getuid?.() ?? status.uid)) await removed(folder);
  }
}

async function removed(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true, maxRetries: 3 }).catch(() => undefined);
}

/** The error that the program or the system reported. */
function asReason(
  file: string,
  python: string,
  { kind, detail }: { readonly kind: string; readonly detail: string },
): IpfsKitError {
  const command = /\s/.test(python) ? `"${python}"` : python;
  const what = `${file} is a DuckDB database`;
  switch (kind) {
    case 'cancelled':
      return canceled();
    case 'not-found':
      return new IpfsKitError(
        'unsupported',
        `${what}, which Python reads, and ${python} was not found. Set ${nameOf('python')}, or start the ipfs_kit_py daemon.`,
      );
    case 'no-duckdb':
    case 'no-pyarrow':
      return new IpfsKitError(
        'unsupported',
        `${what}, and ${python} doesn't have the module ${kind.slice(3)}. Install it: ${command} -m pip install duckdb pyarrow.`,
      );
    case 'too-old':
      return new IpfsKitError(
        'unsupported',
        `${what} of a version that the duckdb of ${python} doesn't support. Update it: ${command} -m pip install --upgrade duckdb.`,
      );
    case 'cannot-open':
    case 'cannot-read':
      return new IpfsKitError(
        'corrupt',
        `${file} is damaged (DuckDB: ${detail}). Restore it from a copy, or start the ipfs_kit_py daemon.`,
      );
    case 'no-pins-table':
      return new IpfsKitError(
        'no-pins-table',
        `${file} has no table of pins (pins, enhanced_pins). Set ${nameOf('database')} to the pin database.`,
      );
    case 'out-of-memory':
    case 'too-large':
      return new IpfsKitError(
        'too-large',
        `${file} exceeds IPFS Kit's size limit. Start the ipfs_kit_py daemon to list its pins.`,
      );
    case 'timeout':
      return new IpfsKitError(
        'timeout',
        `${what}; ${python} didn't read it in time (${detail}). ${refresh()}, or start the ipfs_kit_py daemon.`,
      );
    default:
      return new IpfsKitError(
        'unsupported',
        `${what}, and ${python} couldn't read it: ${detail}. Set ${nameOf('python')} to a Python with duckdb and pyarrow, or start the ipfs_kit_py daemon.`,
      );
  }
}

function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
