import path from 'node:path';
import { IpfsKitError } from '../base/ipfsKitError';
import type { LockHolders } from '../pinStore/databaseLocks';
import { removePidFileOf } from './pidFile';
import { platformProcessTable } from './table/platformProcessTable';
import { createProcessTree } from './processTree';
import type { Member, ProcessTree } from './processTree';
import { createPsTreeCandidates } from './psTree/psTreeCandidates';
import { createPursuit } from './pursuit';
import type { Pursuit } from './pursuit';
import { kubosAmong } from './kubo/kuboProcess';
import { createPatience, KUBO_IDLE_MS } from './kubo/workingKubo';
import { forcedOf, reportEntries, summaryOf } from './stopReport';
import type { StopOptions, StopResult } from './stopContract';
import { askToLeave, endAll } from './stopSteps';
import { RELEASE_MS, whatIsHeld } from './whatIsHeld';

const MOST_ROOTS_ASKED = 4;
const MOST_NOTED = 10;

/**
 * Ends the daemon and everything that it started, and proves it. Only proven members of its tree are signaled.
 * Steps: graceful → scan → terminate → kill → verify → done; a step that isn't needed is skipped.
 * Rejects with `invalid-argument`, or with `cancelled` by the caller's own wish; every other outcome is in the result.
 */
export async function stop(options: StopOptions): Promise<StopResult> {
  const { host = 'localhost', dbPaths = [], envMarker } = checked(options);
  const port = options.port === 0 ? undefined : options.port;
  const pidFile = options.pidFile === '' ? undefined : options.pidFile;
  const table = options.table ?? platformProcessTable();
  const tree = createProcessTree({ table, patterns: options, marker: envMarker });
  const pursuit = createPursuit(table, tree, options.onProgress);
  const candidates = options.candidates ?? createPsTreeCandidates({ workerFile: workerFile() });
  const called = performance.now();
  const patience = createPatience({
    table,
    tree,
    pursuit,
    find: kubosAmong,
    idleMs: duration(options.kuboIdleMs, KUBO_IDLE_MS),
    signal: options.signal,
    force: options.force,
  });

  const askOthers = (): void => {
    for (const { pid } of pursuit.topmost().slice(0, MOST_ROOTS_ASKED)) {
      const take = tree.expectCandidates();
      void candidates(pid).then((answer) => {
        if (answer !== 'unknown') take(answer);
      });
    }
  };

  // The tree is read before any request or signal, since what the daemon has started is visible only while the daemon lives.
  await pursuit.look('all');
  if (options.confirm) await confirmed(pursuit, options.confirm);
  const isNothingOurs = pursuit.living().length === 0;
  await patience.survey();
  askOthers();
  if (!isNothingOurs && options.gracefulStop)
    await askToLeave(pursuit, () => options.gracefulStop?.(), {
      ms: duration(options.gracefulTimeoutMs, 3000),
      signals: [options.signal, options.force],
    });

  pursuit.tell('scan', 'Checking for remaining processes.');
  await pursuit.look('all');
  for (const { pid, link } of pursuit.living()) pursuit.tell('scan', `Found PID ${pid} (${link}).`, pid);
  if (pursuit.living().length === 0) pursuit.tell('scan', isNothingOurs ? 'No daemon process was found.' : 'No process remains.');

  if (options.signal?.aborted === true && pursuit.living().length > 0) throw canceled();
  const [termMs, killMs] = [duration(options.termTimeoutMs, 500), duration(options.killTimeoutMs, 2000)];
  await endAll({ pursuit, tree, patience, termMs, killMs, askOthers });

  const count = tree.members().length;
  pursuit.tell(
    'verify',
    `${count > 0 ? `Processed ${count} ${count === 1 ? 'process' : 'processes'}. ` : ''}Final verification.`,
  );
  await pursuit.look('all');
  await endAll({ pursuit, tree, patience, termMs: 0, killMs: RELEASE_MS, askOthers }, 'verify');
  const { portOpen, locks } = await whatIsHeld({ host, port, dbPaths, patienceMs: isNothingOurs ? 0 : RELEASE_MS });

  const processes = reportEntries(tree.members(), pursuit.recordOf, called);
  const survivors = pidsOf(processes.filter(({ outcome }) => outcome === 'alive'));
  noteWhatAPersonShouldKnow(pursuit, tree, locks, dbPaths);
  const facts = {
    ok: survivors.length === 0 && !portOpen && locks.state !== 'held' && !pursuit.isBlind(),
    killed: pidsOf(processes.filter(({ outcome, newborn }) => outcome !== 'alive' && !newborn)),
    forced: forcedOf(processes),
    survivors,
    portOpen,
    dbLockers: locks.pids,
    ms: performance.now() - called,
    processes,
    ...(port !== undefined && { host, port }),
    ...(pidFile !== undefined && { pidFile: { path: pidFile, ...cleanUp(pidFile, tree, pursuit, portOpen) } }),
    locks: dbPaths.length === 0 ? ('not-asked' as const) : locks.state,
    notes: pursuit.notes(),
  };
  const result = { ...facts, summary: summaryOf(facts, pursuit.isBlind()) };
  pursuit.tell('done', result.summary);
  return result;
}

/** A person may take minutes to answer. The tree is therefore read again afterwards, and the question repeated if another daemon has started. */
async function confirmed(pursuit: Pursuit, confirm: NonNullable<StopOptions['confirm']>): Promise<void> {
  const agreed = new Set<Member>();
  for (;;) {
    const found = pursuit.living();
    if (found.every((member) => agreed.has(member) || !isRoot(member))) return;
    if (!(await confirm(found.map(({ pid, row, argv, link }) => ({ pid, ppid: row.ppid, argv, link }))))) throw canceled();
    for (const member of found) agreed.add(member);
    await pursuit.look('all');
  }
}

function isRoot({ link }: Member): boolean {
  return link === 'daemon' || link === 'marker';
}

function canceled(): IpfsKitError {
  return new IpfsKitError('cancelled', 'The daemon was left alone.');
}

/** A daemon that responds and isn't visible may run in a container, whose PIDs differ from those here, so its PID file stays. */
function cleanUp(pidFile: string, tree: ProcessTree, pursuit: Pursuit, portOpen: boolean): { removed: boolean; detail: string } {
  if (pursuit.isBlind()) return { removed: false, detail: "kept, because the processes aren't visible" };
  if (portOpen) return { removed: false, detail: 'kept, because the port is open' };
  const startOf = new Map(tree.members().map(({ pid, start }) => [pid, start]));
  return removePidFileOf(pidFile, (pid) => {
    const row = tree.rowOf(pid);
    const known = startOf.get(pid);
    return row === undefined || row.gone || (known !== undefined && row.start !== known);
  });
}

function noteWhatAPersonShouldKnow(pursuit: Pursuit, tree: ProcessTree, locks: LockHolders, dbPaths: readonly string[]): void {
  const strangers = tree.strangers();
  if (strangers.length > MOST_NOTED)
    pursuit.note(
      `The daemon started ${strangers.length} processes that run as other users or in containers; some of them are listed here.`,
    );
  for (const { pid } of strangers.slice(0, MOST_NOTED))
    pursuit.note(`PID ${pid} was started by the daemon, but runs as another user or in a container, and was left alone.`);
  const guarded = tree.guardedDaemon();
  if (guarded) pursuit.note(`IPFS Kit itself runs under the daemon with PID ${guarded.pid}, so that daemon was left alone.`);
  if (locks.state === 'unknown' && dbPaths.length > 0) pursuit.note("This system doesn't show which process locks the database.");
  if (locks.probable) pursuit.note('The file system reports another device number, so the lock is probably on the database.');
}

function pidsOf(processes: readonly { readonly pid: number }[]): number[] {
  return [...new Set(processes.map(({ pid }) => pid))];
}

/** psTreeWorker.js beside the bundle. Without `__dirname`, as in ES modules, the name leads nowhere, and ps-tree's answer is `unknown`. */
function workerFile(): string {
  return typeof __dirname === 'string' ? path.join(__dirname, 'psTreeWorker.js') : 'psTreeWorker.js';
}

function checked(options: StopOptions): StopOptions {
  const { scriptNames, port } = options;
  if (!Array.isArray(scriptNames) || !scriptNames.every((name) => typeof name === 'string' && name !== ''))
    throw new IpfsKitError('invalid-argument', 'scriptNames must be a list of file names.');
  if (port !== undefined && (!Number.isInteger(port) || port < 0 || port > 65_535))
    throw new IpfsKitError('invalid-argument', 'The port must be a number from 1 to 65535, or 0 for none.');
  return options;
}

function duration(ms: number | undefined, usual: number): number {
  return ms === undefined || !Number.isFinite(ms) || ms < 0 ? usual : ms;
}
