import { tmpdir } from 'node:os';
import { Worker } from 'node:worker_threads';
import { IpfsKitError } from '../ipfsKitError';
import { pythonEnvironment } from '../pinStore/pythonEnvironment';
import type { FromWorker, OpenedTable, Operation, ToWorker, WorkerData, WorkerOperations } from './protocol';

/** Longest silence of the worker, in ms. A download gives signs of life; only a decoder or a query that hangs is silent for so long. */
const SILENCE_MS = 20_000;

/** Heap for rows in flight and for parsing JSON bodies; Arrow and SQLite bytes lie outside of it. */
const HEAP_MB = 2048;

/** Tables die with their thread, and no number is used again: an old one finds nothing in a new thread. */
const TABLES_PER_THREAD = 1_000_000;

export interface RequestOptions {
  readonly signal?: AbortSignal;
  readonly onReceived?: (bytes: number) => void;
  readonly onPins?: (written: number) => void;
  /** A table of what has come so far; the receiver closes it. */
  readonly onSoFar?: (table: OpenedTable) => void;
}

/** The pin worker seen from the extension host: started late, ended when it hangs, started anew when it is wanted again. */
export interface PinWorkerHandle {
  /** Starts the thread unless it runs, so that its start-up is over by the time it is wanted. */
  start(): void;
  /** Rejects with IpfsKitError: what the worker reports, `timeout` when it is silent too long, `cancelled`. */
  request<Op extends Operation>(
    operation: Op,
    params: WorkerOperations[Op]['params'],
    options?: RequestOptions,
  ): Promise<WorkerOperations[Op]['result']>;
  isRunning(): boolean;
  dispose(): Promise<void>;
}

type Progress = Extract<
  FromWorker,
  { readonly receivedBytes: number } | { readonly writtenPins: number } | { readonly soFar: OpenedTable }
>;

interface Pending {
  readonly resolve: (result: never) => void;
  readonly reject: (error: IpfsKitError) => void;
  readonly alive: (message: Progress) => void;
}

export interface PinWorkerOptions {
  /** The bundle of pinWorker.ts. */
  readonly file: string;
  readonly wasmFile: string;
  /** Where the last list of each daemon is kept; left out, none is kept and none is found. */
  readonly keepFolder?: string;
  /** Default 20,000. */
  readonly silenceMs?: number;
  readonly onEnded?: (why: IpfsKitError) => void;
}

export function createPinWorkerHandle({
  file,
  wasmFile,
  keepFolder,
  silenceMs = SILENCE_MS,
  onEnded,
}: PinWorkerOptions): PinWorkerHandle {
  let worker: Worker | undefined;
  let disposed = false;
  let lastId = 0;
  let threads = 0;
  const pending = new Map<number, Pending>();

  const end = (why: IpfsKitError): Promise<unknown> => {
    const ending = worker;
    worker = undefined;
    const waiting = [...pending.values()];
    pending.clear();
    for (const { reject } of waiting) reject(why);
    if (ending) onEnded?.(why);
    ending?.removeAllListeners().on('error', () => undefined);
    return ending?.terminate() ?? Promise.resolve();
  };

  const start = (): Worker => {
    if (worker) return worker;
    if (disposed) throw new IpfsKitError('cancelled', 'IPFS Kit is shutting down.');
    const workerData: WorkerData = {
      wasmFile,
      environment: pythonEnvironment(process.env),
      tempFolder: tmpdir(),
      ...(keepFolder !== undefined && { keepFolder }),
      firstTable: TABLES_PER_THREAD * threads++,
    };
    // No flags, environment or stdio of the host: the thread needs none of them.
    const started = new Worker(file, { workerData, env: {}, execArgv: [], resourceLimits: { maxOldGenerationSizeMb: HEAP_MB } });
    worker = started;
    started.on('message', (message: FromWorker) => {
      const waiting = pending.get(message.id);
      if (!waiting) return;
      if (isProgress(message)) return waiting.alive(message);
      pending.delete(message.id);
      if ('error' in message) waiting.reject(new IpfsKitError(message.error.reason, message.error.message));
      else waiting.resolve(message.result as never);
    });
    started.on('error', (error: NodeJS.ErrnoException) => {
      const full = error.code === 'ERR_WORKER_OUT_OF_MEMORY';
      const what = full ? 'The list needs more memory than IPFS Kit allows itself.' : `The pin worker failed: ${error.message}`;
      void end(new IpfsKitError(full ? 'too-large' : 'internal', what, { cause: error }));
    });
    started.on('exit', () => void end(new IpfsKitError('internal', 'The pin worker ended. Refresh to start it again.')));
    return started;
  };

  const request = <Op extends Operation>(
    operation: Op,
    params: WorkerOperations[Op]['params'],
    { signal, onReceived, onPins, onSoFar }: RequestOptions = {},
  ): Promise<WorkerOperations[Op]['result']> =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) throw new IpfsKitError('cancelled', 'Cancelled.');
      const target = start();
      const id = ++lastId;
      const hung = (): void =>
        void end(
          new IpfsKitError(
            'timeout',
            `Reading the pins was ended after ${silenceMs / 1000} s without a sign of life. Refresh to try again.`,
          ),
        );
      let timer = setTimeout(hung, silenceMs);
      let cancelled = false;
      // The thread may be deep in a decoder: the caller does not wait for it, the timer goes on.
      const cancel = (): void => {
        cancelled = true;
        target.postMessage({ cancel: id } satisfies ToWorker);
        reject(new IpfsKitError('cancelled', 'Cancelled.'));
      };
      const settle = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', cancel);
      };
      signal?.addEventListener('abort', cancel, { once: true });
      pending.set(id, {
        resolve: (result: WorkerOperations[Op]['result']) => {
          settle();
          if (cancelled && isOpenedTable(result)) close(result);
          resolve(result);
        },
        reject: (error) => {
          settle();
          reject(error);
        },
        alive: (progress) => {
          clearTimeout(timer);
          timer = setTimeout(hung, silenceMs);
          if ('receivedBytes' in progress) {
            if (!cancelled) onReceived?.(progress.receivedBytes);
          } else if ('writtenPins' in progress) {
            if (!cancelled) onPins?.(progress.writtenPins);
          } else if (cancelled || !onSoFar) close(progress.soFar);
          else onSoFar(progress.soFar);
        },
      });
      target.postMessage({ id, operation, params });
    });

  /** Opened for nobody. */
  const close = ({ table }: OpenedTable): void => void request('close', { table }).catch(() => undefined);

  return {
    start: () => void start(),
    request,
    isRunning: () => worker !== undefined,
    dispose: async () => {
      disposed = true;
      await end(new IpfsKitError('cancelled', 'IPFS Kit is shutting down.'));
    },
  };
}

function isProgress(message: FromWorker): message is Progress {
  return 'receivedBytes' in message || 'writtenPins' in message || 'soFar' in message;
}

function isOpenedTable(result: unknown): result is OpenedTable {
  return typeof result === 'object' && result !== null && 'table' in result;
}
