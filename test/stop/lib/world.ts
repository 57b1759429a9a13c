import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { isPortOpen } from '../../../src/reaper/portOpen';
import { stop } from '../../../src/reaper/stop';
import type { StopOptions, StopProgress } from '../../../src/reaper/stopContract';
import { canBeWritten, isContainerUp, signalsOf, startBystander, usualBystanders } from './bystanders';
import type { Bystander, Places } from './bystanders';
import { checkEvents, checkResult, checkSignals } from './checks';
import type { Expected } from './checks';
import { openKeeper } from './keeper';
import type { Change, Order } from './keeper';
import type { Observation } from './observation';
import { describeProcess, keyOf, readProcess, readProcesses } from './procfs';
import type { Proc } from './procfs';
import { recordSignals } from './recordedSignals';
import type { TreeSpec } from './treeSpec';
import { sleep, until } from './wait';

/** The daemon's port, which is free in the network namespace of each case. */
export const PORT = 8774;
/** Time in which a process that was ended would be started again, in ms. */
const COMEBACK_MS = 150;

export interface DaemonOrder {
  /** The arguments of the interpreter and the script; `spec` is the part with the specification. */
  readonly argv?: (places: Places, spec: readonly string[]) => readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly session?: boolean;
  readonly nextPid?: number;
  /** True: its parent is a bystander that never reaps it. */
  readonly carelessParent?: boolean;
}

export type PlainStopOptions = Omit<StopOptions, 'gracefulStop' | 'onProgress' | 'table' | 'candidates'>;

export interface World extends Places {
  readonly database: string;
  readonly pidFile: string;
  /** Path of a file in the case's folder. */
  readonly file: (name: string) => string;
  /** Starts a tree and waits until all its processes have started. */
  daemon(spec: TreeSpec, order?: DaemonOrder): Promise<number>;
  /** Starts another bystander. */
  bystander(bystander: Bystander): Promise<number>;
  /** Makes a process a bystander from now on. */
  spare(label: string, pid: number): void;
  /** Starts a process that is neither in the tree nor a bystander; the case itself checks it. */
  other(order: Order): Promise<number>;
  /** Ends a process that daemon() or other() started, and waits until its PID is free. */
  end(pid: number): Promise<void>;
  /** Ends a process synchronously, and lets a bystander have its PID. The parent must reap it. */
  recycleNow(pid: number, label: string): void;
  /** Calls stop() and checks what must hold after every stop. */
  stop(options?: Partial<StopOptions>, expected?: Expected): Promise<Observation>;
  /** Calls stop() in another process. Only its report and signals are checked; checkTree() checks the tree. */
  callElsewhere(options?: Partial<PlainStopOptions>, caller?: Caller): Promise<Observation>;
  checkTree(survivors?: readonly number[]): Promise<void>;
  checkObservation(observation: Observation, before: readonly Proc[], expected?: Expected): void;
  /** The living processes of the tree. */
  tree(): Proc[];
  /** What the processes of the tree logged, in lines of `LABEL PID WHAT`. */
  log(): string[];
  /** The events of a process that daemon(), other() or bystander() started. */
  fateOf(pid: number): string[];
  readonly askToShutDown: () => Promise<void>;
}

export interface Caller {
  /** Runs the caller as a descendant of this program, which receives the caller's command line as `runs`. */
  readonly below?: (runs: readonly string[]) => Promise<number>;
  readonly extraArguments?: readonly string[];
}

export interface WorldOptions {
  readonly python: string;
  readonly folder: string;
  /** The bundle that calls stop() in a separate process. */
  readonly callerFile: string;
  readonly treeFiles: string;
}

interface OpenWorld {
  readonly world: World;
  readonly durations: readonly number[];
  /** Asserts that all bystanders are unchanged at the end of the case. */
  finish(): Promise<void>;
}

export async function openWorld({ python, folder, callerFile, treeFiles }: WorldOptions): Promise<OpenWorld> {
  const app = path.join(folder, 'app');
  const places: Places = { python, folder, app, bystanders: path.join(folder, 'bystanders') };
  for (const each of [places.bystanders, path.join(app, 'package', 'daemon')]) mkdirSync(each, { recursive: true });
  for (const name of ['keeper.py', 'bystander.py', 'processes.py'])
    copyFileSync(path.join(treeFiles, name), path.join(folder, name));
  copyFileSync(path.join(treeFiles, 'processes.py'), path.join(app, 'processes.py'));
  copyFileSync(path.join(treeFiles, 'processes.py'), path.join(app, 'package/daemon/processes.py'));
  for (const name of [
    'ipfs_kit_daemon.py',
    'worker.py',
    'cli.py',
    'ipfs-kit',
    'package/daemon/ipfs_kit_daemon.py',
    'package/daemon/worker.py',
  ])
    copyFileSync(path.join(treeFiles, 'tree.py'), path.join(app, name));

  const send = process.kill.bind(process); // Signals that the harness sends aren't recorded.
  const signals = recordSignals();
  const keeper = openKeeper(python, folder);
  /** Labels of the processes that must never receive a signal, by PID and start time. */
  const guarded = new Map<string, string>();
  const labels = new Map<string, string>();
  const durations: number[] = [];
  const logFile = path.join(folder, 'tree.log');
  const database = path.join(folder, 'pins.db');
  let starts = 0;

  const guard = (label: string, pid: number): void => {
    const found = readProcess(pid);
    assert.ok(found, `bystander ${label} lives`);
    guarded.set(keyOf(found), label);
    labels.set(label, keyOf(found));
  };

  const usual = usualBystanders(places);
  await Promise.all(
    usual.map(async (each) => {
      guard(each.label, await startBystander(keeper, places, each));
    }),
  );
  await until('the container', isContainerUp);
  for (const each of readProcesses()) if (!guarded.has(keyOf(each))) guarded.set(keyOf(each), describeProcess(each));

  /** Our own children are those that a stop starts to list processes. */
  const tree = (): Proc[] => readProcesses().filter((each) => !guarded.has(keyOf(each)) && each.ppid !== process.pid);

  const checkBystanders = (): void => {
    for (const [key, label] of guarded) {
      const now = readProcess(Number(key.split(':')[0]));
      assert.equal(now && keyOf(now), key, `bystander lives: ${label}`);
      assert.match(now?.state ?? '', /^[SRD]$/, `bystander runs: ${label}`);
    }
    const pids = new Set([...guarded.keys()].map((key) => Number(key.split(':')[0])));
    const changed = keeper.changes().filter(({ pid, what }) => pids.has(pid) && isSinceGuarded({ pid, what }));
    assert.deepEqual(changed, [], 'nothing happened to a bystander');
    for (const label of labels.keys()) assert.deepEqual(signalsOf(places, label), [], `bystander ${label} got no signal`);
  };

  /** When a PID that another process had before became free. */
  const endedBefore = new Map<number, number>();
  /** PIDs whose present process isn't a child of the keeper: events that the keeper reports for them are of the former process. */
  const heirs = new Set<number>();
  const isSinceGuarded = (change: Change): boolean => {
    if (heirs.has(change.pid)) return false;
    const earlier = endedBefore.get(change.pid);
    return earlier === undefined || keeper.changes().filter(({ pid }) => pid === change.pid).length > earlier;
  };

  const checkTree = async (survivors: readonly number[] = []): Promise<void> => {
    const left = (): string[] =>
      tree()
        .filter(({ pid }) => !survivors.includes(pid))
        .map(describeProcess);
    assert.deepEqual(left(), [], 'nothing of the tree lives');
    await sleep(COMEBACK_MS);
    assert.deepEqual(left(), [], 'nothing of the tree has come back');
    checkBystanders();
  };

  const checkObservation = (observation: Observation, before: readonly Proc[], expected: Expected = {}): void => {
    durations.push(observation.result.ms);
    checkSignals(observation, guarded);
    checkEvents(observation);
    checkResult(observation, before, expected);
  };

  const usualOptions: PlainStopOptions = {
    host: '127.0.0.1',
    port: PORT,
    scriptNames: ['ipfs_kit_daemon.py'],
    dbPaths: [database],
    termTimeoutMs: 300,
  };

  const stopHere = async (options: Partial<StopOptions> = {}): Promise<Observation> => {
    const from = signals.length;
    const events: StopProgress[] = [];
    const onProgress = (event: StopProgress): void => {
      events.push(event);
      options.onProgress?.(event);
    };
    const result = await stop({ ...usualOptions, ...options, onProgress });
    return { result, events, signals: signals.slice(from) };
  };

  const world: World = {
    ...places,
    database,
    pidFile: path.join(folder, 'daemon.pid'),
    file: (name) => path.join(folder, name),
    tree,
    checkTree,
    checkObservation,

    daemon: async (spec, order = {}) => {
      const number = String(starts++);
      const [specFile, ready] = [path.join(folder, `tree-${number}.json`), path.join(folder, `tree-${number}.ready`)];
      writeFileSync(specFile, JSON.stringify({ label: 'daemon', ...spec, log: logFile, ready }));
      const argv = order.argv?.(places, ['--spec', specFile]) ?? [
        python,
        path.join(app, 'ipfs_kit_daemon.py'),
        '--spec',
        specFile,
      ];
      const { carelessParent = false, env = {}, cwd = app, session = false, nextPid } = order;
      let pid: number;
      if (carelessParent) {
        const label = `careless-${number}`;
        await world.bystander({
          label,
          argv: [python, path.join(folder, 'bystander.py')],
          env: { ...env, STOP_TEST_CARELESS: JSON.stringify(argv) },
          cwd,
        });
        pid = Number(readFileSync(path.join(places.bystanders, `${label}.child`), 'utf8'));
      } else pid = await keeper.start({ argv, env, cwd, session, ...(nextPid !== undefined && { nextPid }) });
      await until('the tree', () => existsSync(ready) && readFileSync(ready, 'utf8') === 'ready');
      return pid;
    },

    bystander: async (bystander) => {
      const pid = await startBystander(keeper, places, bystander);
      endedBefore.set(pid, keeper.changes().filter((change) => change.pid === pid).length);
      guard(bystander.label, pid);
      return pid;
    },

    spare: guard,

    other: (order) => keeper.start(order),

    end: async (pid) => {
      send(pid, 'SIGKILL');
      await until(`the end of ${String(pid)}`, () => !existsSync(`/proc/${String(pid)}`));
      await sleep(30); // The kernel reports start times in steps of 10 ms, and a reused PID must have another start time.
    },

    recycleNow: (pid, label) => {
      send(pid, 'SIGKILL');
      while (existsSync(`/proc/${String(pid)}`));
      const code = `import os, sys
with open("/proc/sys/kernel/ns_last_pid", "w") as file:
    file.write("${String(pid - 1)}")
if os.fork() == 0:
    os.setsid()
    os.execv(sys.executable, [sys.executable, ${JSON.stringify(path.join(folder, 'bystander.py'))}])`;
      const env = { ...process.env, STOP_TEST_BYSTANDERS: places.bystanders, STOP_TEST_LABEL: label };
      const { status } = spawnSync(python, ['-S', '-c', code], { env, stdio: ['ignore', 'ignore', 'inherit'] });
      assert.equal(status, 0, 'the pid was given out again');
      heirs.add(pid);
      guard(label, pid);
    },

    stop: async (options = {}, expected = {}) => {
      const before = tree();
      const observation = await stopHere(options);
      await checkTree(expected.survivors);
      checkObservation(observation, before, expected);
      if (expected.portOpen !== true) assert.equal(await isListening(PORT), false, 'the port can be had');
      if ((expected.dbLockers ?? []).length === 0 && existsSync(database))
        assert.ok(canBeWritten(python, database), 'the database can be written');
      return observation;
    },

    callElsewhere: async (options = {}, { below, extraArguments = [] } = {}) => {
      const answer = path.join(folder, `answer-${String(starts++)}.json`);
      const argv = [process.execPath, callerFile, answer, JSON.stringify({ ...usualOptions, ...options }), ...extraArguments];
      if (below) await below(argv);
      else {
        const child = spawn(argv[0] ?? '', argv.slice(1), { stdio: ['ignore', 'inherit', 'inherit'] });
        await once(child, 'exit');
        assert.equal(child.exitCode, 0, 'the caller ends by itself, with nothing left that would keep it');
      }
      const text = await until('the other caller', () => existsSync(answer) && readFileSync(answer, 'utf8'));
      return JSON.parse(text) as Observation;
    },

    log: () => (existsSync(logFile) ? readFileSync(logFile, 'utf8').trim().split('\n') : []),
    fateOf: (pid) =>
      keeper
        .changes()
        .filter((change) => change.pid === pid)
        .map(({ what }) => what),

    askToShutDown: async () => {
      const answer = await fetch(`http://127.0.0.1:${String(PORT)}/shutdown`, { method: 'POST' });
      await answer.arrayBuffer();
      if (!answer.ok) throw new Error(`The daemon answered ${String(answer.status)}.`);
    },
  };

  const finish = async (): Promise<void> => {
    await sleep(0);
    checkBystanders();
  };
  return { world, durations, finish };
}

async function isListening(port: number): Promise<boolean> {
  if (await isPortOpen('127.0.0.1', port)) return true;
  const server = createServer();
  const bound = await new Promise<boolean>((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => resolve(true));
  });
  if (bound) await new Promise((resolve) => server.close(resolve));
  return !bound;
}
