import path from 'node:path';
import { expectedPeerId } from '../../daemonClient/kubo/kuboRepository';
import { probeKubo, requestKuboShutdown } from '../../daemonClient/kubo/kuboRpc';
import { connectedAddress, isLoopback } from '../../daemonClient/loopback';
import type { DaemonAnswer } from '../../daemonClient/daemonAnswer';
import type { RpcAccess } from '../../daemonClient/rpcAccess';
import { IpfsKitError } from '../../base/ipfsKitError';
import type { KuboHolder } from './kuboProcess';
import { kuboHolder, repositoryLock } from './kuboProcess';
import type { Proven } from '../oneProcess';
import { oneProcess } from '../oneProcess';
import type { Member } from '../processTree';
import { createPatience, KUBO_IDLE_MS } from './workingKubo';
import { createPursuit } from '../pursuit';
import { forcedOf, reportEntries, summaryOf } from '../stopReport';
import type { ReportEntry, StopOptions, StopResult } from '../stopContract';
import { askToLeave, endAll } from '../stopSteps';
import { platformProcessTable } from '../table/platformProcessTable';
import { processKey } from '../table/processTable';
import type { ProcessTable } from '../table/processTable';
import { RELEASE_MS, whatIsHeld } from '../whatIsHeld';

export interface StopKuboOptions extends Pick<StopOptions, 'confirm' | 'signal' | 'force' | 'onProgress' | 'table'> {
  /** Where the daemon responds, on this machine. */
  readonly access: RpcAccess;
  /** Absolute. */
  readonly repository: string;
  readonly timeouts?: Partial<StopKuboTimeouts> | undefined;
  readonly locksFile?: string | undefined;
}

interface StopKuboTimeouts {
  /** The time for the request and the exit that follows it. Default 10,000. */
  readonly gracefulMs: number;
  /** The time from SIGTERM, which has the same effect on Kubo as the request, to SIGKILL, if Kubo does nothing. Default 5000. */
  readonly termMs: number;
  /** How long Kubo may do nothing (no CPU time, no I/O), counted from SIGTERM at the earliest, until SIGKILL. Default 10,000. */
  readonly idleMs: number;
  /** How long SIGKILL is repeated. Default 2000. */
  readonly killMs: number;
}

const TIMEOUTS: StopKuboTimeouts = { gracefulMs: 10_000, termMs: 5000, idleMs: KUBO_IDLE_MS, killMs: 2000 };
const NAMES = { daemon: 'Kubo daemon', locked: 'the repository' };

interface Found {
  readonly answer: DaemonAnswer;
  readonly holder: KuboHolder;
  /** The daemon's own process. */
  readonly target: Proven | undefined;
  /** Where there is no target: why no process is signaled. */
  readonly why: string | undefined;
}

/**
 * Ends the Kubo of a repository, and proves it: by request, then SIGTERM, then SIGKILL, to one process. That process holds the lock of the repository, belongs
 * to the user, and is the daemon at the address: it responds as the repository's peer and listens there, or it listens there and doesn't respond. While Kubo
 * works it is waited for, as long as that takes: `force` kills it, and `signal` ends the wait and leaves Kubo running. Where processes can't be identified this
 * way (macOS, Windows), Kubo is asked to exit, and no process is signaled.
 * Rejects with `invalid-argument`, `missing` where there is no repository, `cancelled`; every other outcome is in the result.
 */
export async function stopKubo(options: StopKuboOptions): Promise<StopResult> {
  const stopping: Stopping = {
    ...options,
    table: options.table ?? platformProcessTable(),
    timeouts: { ...TIMEOUTS, ...options.timeouts },
    endpoint: endpointOf(options.access),
    called: performance.now(),
  };
  const found = await confirmed(stopping);
  if (found.target) return pursue(stopping, found.target, found.answer);
  const isAsked = found.holder.state === 'unknown' && found.answer.state === 'up';
  return isAsked ? askOnly(stopping, found) : leaveRunning(stopping, found);
}

interface Stopping extends StopKuboOptions {
  readonly table: ProcessTable;
  readonly timeouts: StopKuboTimeouts;
  readonly endpoint: Endpoint;
  /** performance.now() of the call. */
  readonly called: number;
}

/** A person may take minutes to answer. The process is therefore looked for again afterwards, and the question repeated if it is another one. */
async function confirmed(stopping: Stopping): Promise<Found> {
  const { confirm } = stopping;
  let found = await find(stopping);
  while (confirm && found.target) {
    const { row, details, link } = found.target;
    if (!(await confirm([{ pid: row.pid, ppid: row.ppid, argv: details.argv ?? [], link }]))) throw canceled();
    found = await find(stopping);
    if (found.target && processKey(found.target.row) === processKey(row)) break;
  }
  return found;
}

async function find({ access, repository, signal, table, locksFile, endpoint }: Stopping): Promise<Found> {
  const peerId = expectedPeerId(repository);
  if (peerId === undefined)
    throw new IpfsKitError('missing', `${repository} has no config with its peer ID. Set the path of the repository.`);
  const [answer, holder] = await Promise.all([probeKubo(access, peerId, signal), kuboHolder(repository, { table, locksFile })]);
  return { answer, holder, ...whoIsIt(answer, holder, endpoint) };
}

/** Asks one process to exit, signals it, and proves the outcome. */
async function pursue(stopping: Stopping, target: Proven, answer: DaemonAnswer): Promise<StopResult> {
  const { access, timeouts, signal, force, table } = stopping;
  const { gracefulMs, termMs, idleMs, killMs } = timeouts;
  const tree = oneProcess(table, target);
  const pursuit = createPursuit(table, tree, stopping.onProgress);
  const find = (members: readonly Member[]): Promise<ReadonlySet<Member>> => Promise.resolve(new Set(members));
  const patience = createPatience({ table, tree, pursuit, find, idleMs, signal, force });
  await pursuit.look('all');
  await patience.survey();
  if (answer.state === 'up')
    await askToLeave(pursuit, () => requestKuboShutdown(access, gracefulMs), {
      ms: gracefulMs,
      signals: [signal, force],
      patience,
    });
  else pursuit.note(`It wasn't asked to shut down: ${answer.detail}`);

  pursuit.tell('scan', 'Checking whether it has exited.');
  await pursuit.look('all');
  for (const { pid, link } of pursuit.living()) pursuit.tell('scan', `Found PID ${pid} (${link}).`, pid);
  if (pursuit.living().length === 0) pursuit.tell('scan', 'It has exited.');
  if (signal?.aborted === true && pursuit.living().length > 0) throw canceled(answer.state === 'up');
  await endAll({ pursuit, tree, patience, termMs, killMs, askOthers: () => undefined });

  pursuit.tell('verify', 'Processed 1 process. Final verification.');
  await pursuit.look('all');
  if (tree.members().some((member) => pursuit.recordOf(member).killed))
    pursuit.note('Kubo was killed, so its files api and gateway are left behind. It writes them again when it starts.');
  if (tree.isAnotherProgram()) pursuit.note(`PID ${target.row.pid} became a program other than Kubo, so it was left alone.`);
  const processes = reportEntries(tree.members(), pursuit.recordOf, stopping.called);
  const facts = await proven(stopping, { processes, notes: pursuit.notes(), patienceMs: RELEASE_MS, isBlind: pursuit.isBlind() });
  const summary = summaryOf(facts, pursuit.isBlind(), NAMES);
  pursuit.tell('done', summary);
  return { ...facts, summary };
}

/** Asks only, where the process can't be identified. Its exit is then seen at its address only. */
async function askOnly(stopping: Stopping, { why }: Found): Promise<StopResult> {
  const { access, confirm, timeouts } = stopping;
  if (confirm && !(await confirm([]))) throw canceled();
  const notes = why === undefined ? [] : [why];
  tell(stopping, 'graceful', 'Attempting graceful shutdown.');
  await requestKuboShutdown(access, timeouts.gracefulMs).catch((error: unknown) =>
    notes.push(`The daemon didn't accept the shutdown request: ${IpfsKitError.from(error).message}`),
  );
  tell(stopping, 'verify', 'Final verification.');
  const facts = await proven(stopping, { processes: [], notes, patienceMs: timeouts.gracefulMs, isBlind: false });
  const summary = facts.portOpen
    ? "Kubo was asked to shut down and is still running. This system doesn't show which process it is, so no signal was sent."
    : 'Kubo was asked to shut down, and has exited.';
  tell(stopping, 'done', summary);
  return { ...facts, summary };
}

async function leaveRunning(stopping: Stopping, { why }: Found): Promise<StopResult> {
  tell(stopping, 'scan', 'No Kubo process was found that IPFS Kit may stop.');
  tell(stopping, 'verify', 'Final verification.');
  const notes = why === undefined ? [] : [why];
  const facts = await proven(stopping, { processes: [], notes, patienceMs: 0, isBlind: false });
  const summary = summaryOf(facts, false, NAMES);
  tell(stopping, 'done', summary);
  return { ...facts, summary };
}

interface Done {
  readonly processes: readonly ReportEntry[];
  readonly notes: readonly string[];
  readonly patienceMs: number;
  readonly isBlind: boolean;
}

/** Checks the final state, regardless of what was done. */
async function proven(
  { endpoint, repository, called }: Stopping,
  { processes, notes, patienceMs, isBlind }: Done,
): Promise<Omit<StopResult, 'summary'>> {
  const { portOpen, locks } = await whatIsHeld({ ...endpoint, dbPaths: [repositoryLock(repository)], patienceMs });
  const pidsOf = (isAlive: boolean): number[] =>
    processes.filter(({ outcome }) => (outcome === 'alive') === isAlive).map(({ pid }) => pid);
  return {
    ok: pidsOf(true).length === 0 && !portOpen && locks.state !== 'held' && !isBlind,
    killed: pidsOf(false),
    forced: forcedOf(processes),
    survivors: pidsOf(true),
    portOpen,
    dbLockers: locks.pids,
    ms: performance.now() - called,
    processes,
    ...(endpoint.port !== undefined && { host: endpoint.host, port: endpoint.port }),
    locks: locks.state,
    notes,
  };
}

/** The holder of the lock may also be a command that runs without a daemon: only a process that listens at the daemon's address is the daemon. */
function whoIsIt(answer: DaemonAnswer, holder: KuboHolder, { port, socketPath }: Endpoint): Pick<Found, 'target' | 'why'> {
  if (holder.state === 'free') {
    const why = answer.state === 'absent' ? undefined : `No process has the repository open. ${answer.detail}`;
    return { target: undefined, why };
  }
  if (holder.state !== 'ours') return { target: undefined, why: holder.why };
  const { proven, listening = [], listeningPaths = [] } = holder;
  const listens =
    socketPath === undefined
      ? listening.some((socket) => socket.port === port)
      : listeningPaths.some((bound) => path.resolve(bound) === path.resolve(socketPath));
  if (listens && answer.state !== 'foreign') return { target: proven, why: undefined };
  return {
    target: undefined,
    why: `PID ${proven.row.pid} has the repository open, but IPFS Kit couldn't verify that it is the daemon, so it was left alone. ${answer.detail}`,
  };
}

interface Endpoint {
  readonly host: string;
  readonly port: number | undefined;
  readonly socketPath: string | undefined;
}

function endpointOf({ url, socketPath }: RpcAccess): Endpoint {
  if (socketPath !== undefined) return { host: '', port: undefined, socketPath };
  const { protocol, hostname, port } = URL.canParse(url) ? new URL(url) : { protocol: '', hostname: '', port: '' };
  const host = connectedAddress(hostname);
  if (protocol !== 'http:' || !isLoopback(host))
    throw new IpfsKitError('invalid-argument', 'Only a Kubo on this machine can be stopped.');
  return { host, port: port === '' ? 80 : Number(port), socketPath: undefined };
}

function tell({ onProgress }: StopKuboOptions, step: 'graceful' | 'scan' | 'verify' | 'done', message: string): void {
  try {
    onProgress?.({ step, message });
  } catch {
    // A process that only listens there doesn't decide whether the daemon has exited.
  }
}

function canceled(isAsked = false): IpfsKitError {
  return new IpfsKitError('cancelled', isAsked ? "Kubo was asked to shut down and hasn't exited yet." : 'Kubo was left alone.');
}
