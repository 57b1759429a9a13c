import { IpfsKitError } from '../base/ipfsKitError';
import { lockHolders } from '../pinStore/databaseLocks';
import { kubosAmong } from './kubo/kuboProcess';
import { oneProcess } from './oneProcess';
import type { Proven } from './oneProcess';
import { orphanProof } from './orphanProof';
import type { OrphanOptions } from './orphanProof';
import { createPatience } from './kubo/workingKubo';
import { createProcessTree } from './processTree';
import { createPursuit } from './pursuit';
import { forcedOf, reportEntries, summaryOf } from './stopReport';
import type { StopOptions, StopResult } from './stopContract';
import { endAll } from './stopSteps';
import { platformProcessTable } from './table/platformProcessTable';
import type { EnvironmentMarker, ProcessTable } from './table/processTable';
import { RELEASE_MS, whatIsHeld } from './whatIsHeld';

export interface LeftBehind {
  readonly pid: number;
  readonly argv: readonly string[];
  /** ms since 1970. */
  readonly startedAt: number | undefined;
  readonly database: string;
}

export interface EndOrphanOptions extends Pick<OrphanOptions, 'patterns' | 'seen'> {
  readonly pid: number;
  /** The database that the process locks. */
  readonly database: string;
  readonly marker?: EnvironmentMarker | undefined;
  readonly termTimeoutMs: number;
  readonly kuboIdleMs: number;
  /** Sees which process it is, by its start time; false ends the call with `cancelled`. */
  readonly confirm: (found: LeftBehind) => Promise<boolean>;
  readonly signal?: AbortSignal | undefined;
  readonly force?: AbortSignal | undefined;
  readonly onProgress?: StopOptions['onProgress'] | undefined;
  readonly table?: ProcessTable | undefined;
}

const KILL_MS = 2000;

/**
 * Ends one process that locks a pin database and that a daemon has left behind: SIGTERM, then SIGKILL, to that process only. Its identity, that it is an
 * orphan, and its lock are proven before the question, and again after it; its start time once more right before each signal.
 * Rejects with `refused` where that can't be proven or has changed meanwhile, with `cancelled` when the person declines; every other outcome is in the result.
 */
export async function endOrphan(options: EndOrphanOptions): Promise<StopResult> {
  const { database, confirm, table = platformProcessTable(), termTimeoutMs: termMs, kuboIdleMs: idleMs, signal, force } = options;
  const called = performance.now();
  const asked = await prove(options, table);
  const { pid } = asked.row;
  const startedAt = table.startedAt?.(asked.row);
  if (!(await confirm({ pid, argv: asked.details.argv ?? [], startedAt, database })))
    throw new IpfsKitError('cancelled', `PID ${pid} was left alone.`);
  const now = await prove(options, table);
  if (now.row.start !== asked.row.start || now.row.image !== asked.row.image)
    throw new IpfsKitError('refused', `PID ${pid} is no longer the program that you were asked about, so it was left alone.`);

  const tree = oneProcess(table, asked);
  const pursuit = createPursuit(table, tree, options.onProgress);
  const patience = createPatience({ table, tree, pursuit, find: kubosAmong, idleMs, signal, force });
  await pursuit.look('all');
  await endAll({ pursuit, tree, patience, termMs, killMs: KILL_MS, askOthers: () => undefined });
  pursuit.tell('verify', 'Final verification.');
  await pursuit.look('all');
  if (tree.isAnotherProgram()) pursuit.note(`PID ${pid} became another program, so it was left alone.`);
  const { locks } = await whatIsHeld({ host: '', port: undefined, dbPaths: [database], patienceMs: RELEASE_MS });
  const processes = reportEntries(tree.members(), pursuit.recordOf, called);
  const pidsOf = (isAlive: boolean): number[] =>
    processes.filter(({ outcome }) => (outcome === 'alive') === isAlive).map((entry) => entry.pid);
  const facts = {
    ok: pidsOf(true).length === 0 && locks.state !== 'held' && !pursuit.isBlind(),
    killed: pidsOf(false),
    forced: forcedOf(processes),
    survivors: pidsOf(true),
    portOpen: false,
    dbLockers: locks.pids,
    ms: performance.now() - called,
    processes,
    locks: locks.state,
    notes: pursuit.notes(),
  };
  const summary = summaryOf(facts, pursuit.isBlind(), { daemon: 'process', locked: 'the pin database' });
  pursuit.tell('done', summary);
  return { ...facts, summary };
}

async function prove({ pid, database, marker, patterns, seen }: EndOrphanOptions, table: ProcessTable): Promise<Proven> {
  const tree = createProcessTree({ table, patterns, marker });
  await tree.look('all');
  const proof = orphanProof(pid, { table, tree, patterns, seen });
  if ('why' in proof) throw new IpfsKitError('refused', `${proof.why} It was left alone.`);
  const { pids, probable } = await lockHolders([database]);
  // The lock goes with its process: if that PID holds it after its start time was read, that process holds it.
  if (!pids.includes(pid) || probable)
    throw new IpfsKitError('refused', `PID ${pid} no longer holds a lock on ${database}. It was left alone.`);
  return proof.proven;
}
