import { opendirSync } from 'node:fs';
import path from 'node:path';
import { refresh } from '../../base/settingOrOption';
import { IpfsKitError } from '../../base/ipfsKitError';
import { readRegularFile, statusOf, unreadable, writtenMs } from '../../base/regularFile';
import { safeText } from '../../base/safeText';
import { pacer } from '../../base/stepByStep';
import { writeInBatch } from './batch';
import type { Write } from './keys';
import { newer } from './keys';
import { damaged, rest, tooLarge } from './levelDbFile';
import { logRecords } from './logRecords';
import { writeInTable } from './sortedTable';
import type { Version } from './version';
import { readVersion } from './version';

/** How often reading begins again because the files were changed meanwhile. */
const ATTEMPTS = 3;
const MOST_FILES = 100_000;
/** The most logs and manifests, of which goleveldb has a few. The state of each is looked at. */
const MOST_CHANGING = 1000;
/** Names of files between two looks at the clock. */
const NAMES_AT_ONCE = 256;
const MOST_CURRENT_BYTES = 1000;
/** goleveldb writes 4 MiB to a log. */
const MOST_LOG_BYTES = 256 * 1024 * 1024;

/** The value of a key; undefined where it has none. `writtenMs`: when the LevelDB was written to last, in ms since 1970. */
export interface Found {
  readonly value: Uint8Array | undefined;
  readonly writtenMs: number;
}

/**
 * The value of a key in a LevelDB of Kubo, which is not opened: its files are only read, nothing is locked or written, and no more is read than finding the key
 * takes. The checksum of everything that is read is checked. If the files change meanwhile, it begins again. Rejects with an IpfsKitError: `missing` where the
 * folder has no LevelDB, `busy` where its files change all the time, `corrupt`, `truncated`, `too-large`, `unsupported`, `not-a-file`, `unreadable`, `cancelled`.
 * A log that ends before a record that was written can't be told from one that was never written to again.
 */
export async function getFromLevelDb(folder: string, key: Uint8Array, signal: AbortSignal): Promise<Found> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const files = await filesIn(folder, signal);
    const outcome = await newestWrite(folder, files, key, signal).then(
      (write) => ({ value: write?.value, writtenMs: files.writtenMs }),
      (error: unknown) => IpfsKitError.from(error),
    );
    if (IpfsKitError.is(outcome, 'cancelled')) throw outcome;
    if ((await filesIn(folder, signal)).state !== files.state) continue;
    if (outcome instanceof Error) throw outcome;
    return outcome;
  }
  throw new IpfsKitError('busy', `${folder} is being written to. ${refresh()} when the writer has finished.`);
}

/** The files of a LevelDB at one moment: their names by number. */
interface Files {
  readonly logs: ReadonlyMap<number, string>;
  readonly tables: ReadonlyMap<number, string>;
  readonly manifests: ReadonlyMap<number, string>;
  /** Another text once a file has been added, removed or written to. */
  readonly state: string;
  readonly writtenMs: number;
}

/** Rejects with `missing` where there is no LevelDB. */
async function filesIn(folder: string, signal: AbortSignal): Promise<Files> {
  const [logs, tables, manifests] = [new Map<number, string>(), new Map<number, string>(), new Map<number, string>()];
  const due = pacer(signal);
  const names = await namesIn(folder, signal);
  for (const [at, name] of names.entries()) {
    if (at % NAMES_AT_ONCE === 0) await due();
    const [, log, table, manifest] = /^(?:(\d{1,15})\.log|(\d{1,15})\.(?:ldb|sst)|MANIFEST-(\d{1,15}))$/.exec(name) ?? [];
    if (log !== undefined) logs.set(Number(log), name);
    if (table !== undefined) tables.set(Number(table), name);
    if (manifest !== undefined) manifests.set(Number(manifest), name);
  }
  if (logs.size + manifests.size > MOST_CHANGING) throw tooLarge(folder, 'has more logs and manifests than IPFS Kit reads');
  // A table never changes once it has been written.
  const states = [...logs.values(), ...manifests.values(), 'CURRENT'].map((name) => {
    const status = statusOf(path.join(folder, name));
    return { name, size: status?.size, ms: status ? writtenMs(status) : 0 };
  });
  return {
    ...{ logs, tables, manifests },
    state: JSON.stringify([states, [...tables.keys()].sort((one, other) => one - other)]),
    writtenMs: states.reduce((last, { ms }) => Math.max(last, ms), 0),
  };
}

async function namesIn(folder: string, signal: AbortSignal): Promise<readonly string[]> {
  try {
    const due = pacer(signal);
    const open = opendirSync(folder);
    try {
      const names: string[] = [];
      for (let entry = open.readSync(); entry; entry = open.readSync()) {
        if (names.push(entry.name) > MOST_FILES) throw tooLarge(folder, 'has more files than IPFS Kit reads');
        if (names.length % NAMES_AT_ONCE === 0) await due();
      }
      return names.sort();
    } finally {
      open.closeSync();
    }
  } catch (error) {
    throw unreadable(folder, error);
  }
}

async function newestWrite(folder: string, files: Files, key: Uint8Array, signal: AbortSignal): Promise<Write | undefined> {
  const fileOf = (of: ReadonlyMap<number, string>, number: number, what: string): string => {
    const name = of.get(number);
    if (name === undefined) throw damaged(folder, `its ${what} ${number} is missing`);
    return path.join(folder, name);
  };
  const manifest = currentManifest(folder, files);
  const version = await readVersion(fileOf(files.manifests, manifest, 'manifest'), key, signal);
  const newest = highest(files.tables);
  if (newest >= version.nextNumber)
    throw damaged(folder, `its manifest ends before table ${newest}, or a table was written by a Kubo that was killed`);
  let found: Write | undefined;
  for (const number of logsOf(version, files)) {
    const log = fileOf(files.logs, number, 'log');
    for await (const batch of logRecords(log, MOST_LOG_BYTES, signal))
      found = newer(await writeInBatch(log, batch, key, signal), found);
  }
  // The numbers of the writes decide, whatever the levels are: a log may have an old write where a table has a newer one.
  for (const { number, size } of version.tables) {
    await rest(signal);
    found = newer(await writeInTable(fileOf(files.tables, number, 'table'), size, key, signal), found);
  }
  return found;
}

/** The number of the manifest that counts. A newer one is there while it is written, and where that was interrupted. */
function currentManifest(folder: string, { manifests }: Files): number {
  const file = path.join(folder, 'CURRENT');
  const text = readRegularFile(file, MOST_CURRENT_BYTES).toString('latin1');
  const number = Number(/^MANIFEST-(\d{1,15})\n$/.exec(text)?.[1] ?? NaN);
  if (Number.isNaN(number)) throw damaged(file, `it says “${safeText(text, 100)}”`);
  const newest = highest(manifests);
  if (newest > number) throw damaged(file, `it names manifest ${number}, and ${newest} is newer`);
  return number;
}

/** The numbers of the logs with writes that may not be in tables. */
function logsOf({ log, logBefore }: Version, { logs }: Files): readonly number[] {
  const needed = [log, logBefore].filter((number) => number > 0);
  return [...new Set([...needed, ...[...logs.keys()].filter((number) => number >= log)])];
}

function highest(files: ReadonlyMap<number, string>): number {
  return [...files.keys()].reduce((most, number) => Math.max(most, number), 0);
}
