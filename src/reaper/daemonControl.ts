import { isLoopback } from '../daemonClient/loopback';
import { isUp } from '../daemonClient/ipfsKit/daemonState';
import { parseDaemonUrl } from '../daemonClient/daemonUrl';
import type { DaemonMonitor } from '../daemonClient/ipfsKit/monitor';
import { requestShutdown } from '../daemonClient/ipfsKit/shutdownRequest';
import { IpfsKitError } from '../base/ipfsKitError';
import type { PinWorkerHandle } from '../pinWorker/pinWorkerHandle';
import type { DaemonSettings } from './daemonSettings';
import { daemonProcesses } from './daemonProcesses';
import type { DaemonProcesses } from './daemonProcesses';
import { endOrphan } from './endOrphan';
import type { EndOrphanOptions } from './endOrphan';
import { processKey } from './table/processTable';
import type { EnvironmentMarker } from './table/processTable';
import { startDaemon } from './startDaemon';
import type { StartedDaemon } from './startDaemon';
import { stop } from './stop';
import type { Link, StopOptions, StopResult } from './stopContract';

interface DaemonControlOptions {
  readonly monitor: DaemonMonitor;
  readonly worker: PinWorkerHandle;
  readonly marker: EnvironmentMarker;
  /** The file that takes the output of a daemon that is started here. */
  readonly logFile: string;
  readonly settings: DaemonSettings;
}

interface StopReport {
  readonly result: StopResult;
  /** ms since 1970 of the call. */
  readonly at: number;
  readonly databases: readonly string[];
}

export interface DaemonControl {
  /** Stops the daemon; `options` override the settings. Rejects as `stop` does, and with `busy` while another stop of this window is running. */
  stop(options?: Partial<StopOptions>): Promise<StopResult>;
  lastReport(): StopReport | undefined;
  processes(): Promise<DaemonProcesses>;
  /** Ends one process that a daemon has left behind, as endOrphan does. Rejects with `busy` while a stop of this window is running. */
  endOrphan(
    options: Pick<EndOrphanOptions, 'pid' | 'database' | 'confirm' | 'signal' | 'force' | 'onProgress'>,
  ): Promise<StopResult>;
  start(): Promise<StartedDaemon>;
}

/** Formats whose writers lock the file. */
const LOCKED_FORMATS = new Set(['sqlite', 'duckdb']);
const MOST_DATABASES = 50;

/** Stop, start and processes, as the settings configure them. */
export function createDaemonControl({ monitor, worker, marker, logFile, settings }: DaemonControlOptions): DaemonControl {
  let report: StopReport | undefined;
  let stopping = false;
  const seen = new Map<string, Link>();

  const databases = async (): Promise<readonly string[]> => {
    try {
      const found = await worker.request('locate', { databasePath: settings.databasePath.value() });
      return found
        .filter(({ format }) => LOCKED_FORMATS.has(format))
        .map(({ path }) => path)
        .slice(0, MOST_DATABASES);
    } catch {
      return []; // Without a database there is no lock to look for.
    }
  };

  /** Where the daemon listens as far as is known, else where it would by the settings. An address of another machine is left out. */
  const address = (): Pick<StopOptions, 'host' | 'port'> => {
    const urls = [monitor.current().url, ...settings.daemonUrls.value().flatMap(literals)];
    const url = urls.find((candidate) => candidate !== undefined && isLoopback(new URL(candidate).hostname));
    if (url === undefined) return {};
    const { hostname, port } = new URL(url);
    return { host: hostname.replace(/^\[|\]$/g, ''), port: port === '' ? 80 : Number(port) };
  };

  /** A server that responds at the address may only look like the daemon: where listeners are visible, one of the daemon's processes has to be the listener. */
  const listensAt = async (
    { port }: URL,
    { scriptNames, moduleNames, commandNames, table }: Partial<StopOptions>,
  ): Promise<boolean> => {
    const own = settings.daemonNames.value();
    const patterns = {
      scriptNames: scriptNames ?? own.scriptNames,
      moduleNames: moduleNames ?? own.moduleNames,
      commandNames: commandNames ?? own.commandNames,
    };
    const { processes } = await daemonProcesses({ patterns, marker, databases: [], table });
    const wanted = port === '' ? 80 : Number(port);
    return processes.some(({ listening }) => listening === undefined || listening.some((socket) => socket.port === wanted));
  };

  const stopOnce = async (options: Partial<StopOptions>): Promise<StopResult> => {
    const at = Date.now();
    const { gracefulTimeoutMs, termTimeoutMs, kuboIdleMs } = settings.stopTimeouts.value();
    const dbPaths = options.dbPaths ?? (await databases());
    // Any program may listen there, so requests other than GET are sent only to a server that responds as the daemon.
    const asked = monitor.check('asked').catch(() => undefined);
    const gracefulStop = async (): Promise<void> => {
      const probe = await asked;
      if (!isUp(probe?.state) || probe?.url === undefined || !isLoopback(new URL(probe.url).hostname))
        throw new IpfsKitError('refused', 'No daemon responded that could be asked to shut down.');
      if (!(await listensAt(new URL(probe.url), options)))
        throw new IpfsKitError('foreign', `None of the daemon's processes listens at ${probe.url}.`);
      await requestShutdown(probe.url, options.gracefulTimeoutMs ?? gracefulTimeoutMs);
    };
    const pidFile = settings.pidFile.value();
    let release: (() => void) | undefined;
    const hold = (): void => void (release ??= monitor.holdStopping('The daemon is being stopped.'));
    const { confirm } = options;
    try {
      if (!confirm) hold();
      const result = await stop({
        ...settings.daemonNames.value(),
        ...address(),
        pidFile,
        envMarker: marker,
        gracefulStop,
        gracefulTimeoutMs,
        termTimeoutMs,
        kuboIdleMs,
        ...options,
        dbPaths,
        confirm:
          confirm &&
          (async (found) => {
            const agreed = await confirm(found);
            if (agreed) hold();
            return agreed;
          }),
      });
      report = { result, at, databases: dbPaths };
      // Skipped for names that the caller gave: those processes weren't started by ipfs_kit_py's daemon.
      if (!isNaming(options)) for (const entry of result.processes) seen.set(processKey(entry), entry.link);
      return result;
    } finally {
      release?.();
      await monitor.check('asked').catch(() => undefined);
    }
  };

  const onlyOne = async <T>(run: () => Promise<T>): Promise<T> => {
    if (stopping) throw new IpfsKitError('busy', 'The daemon is already being stopped.');
    stopping = true;
    try {
      return await run();
    } finally {
      stopping = false;
    }
  };

  return {
    stop: (options = {}) => onlyOne(() => stopOnce(options)),
    endOrphan: (options) =>
      onlyOne(async () => {
        const at = Date.now();
        const patterns = settings.daemonNames.value();
        const { termTimeoutMs, kuboIdleMs } = settings.stopTimeouts.value();
        const result = await endOrphan({ ...options, patterns, marker, seen, termTimeoutMs, kuboIdleMs });
        report = { result, at, databases: [options.database] };
        return result;
      }),
    lastReport: () => report,
    processes: async () =>
      daemonProcesses({ patterns: settings.daemonNames.value(), marker, seen, databases: await databases() }),
    start: () => startDaemon({ command: settings.daemonCommand.value(), logFile, marker }),
  };
}

function isNaming({ scriptNames, moduleNames, commandNames, envMarker }: Partial<StopOptions>): boolean {
  return [scriptNames, moduleNames, commandNames, envMarker].some((given) => given !== undefined);
}

function literals(url: string): string[] {
  try {
    return parseDaemonUrl(url);
  } catch {
    return []; // The probe shows whether the daemon is up.
  }
}
