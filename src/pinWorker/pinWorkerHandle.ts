import { tmpdir } from 'node:os';
import type { IpfsKitError } from '../base/ipfsKitError';
import { tryAgain } from '../base/settingOrOption';
import { pythonEnvironment } from '../pinStore/duckdb/pythonEnvironment';
import { createThreadHandle } from '../base/threadHandle';
import { isPieces, joined } from './pieces';
import type { JoinState, OpenedTable, Operation, WorkerData, WorkerOperations, WorkerSign } from './protocol';

/** The longest silence of the worker, in ms. Downloads send heartbeats, so only a decoder or a query that hangs is silent that long. */
const SILENCE_MS = 20_000;

/** The heap of the worker in MB, for rows in transit, groups and orders. Bodies, columns and the memory of SQLite are outside of it. */
const HEAP_MB = 2048;

/** Slots for canceled requests, more than are ever under way at once. With too few, some would only be canceled later. */
const CANCELED_IDS = 256;

/** Numbers for the tables of one thread. They aren't used again, so the number of a table from an ended thread finds none in the next. */
const TABLES_PER_THREAD = 1_000_000;

export interface RequestOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onReceived?: ((bytes: number) => void) | undefined;
  readonly onPins?: (written: number) => void;
  /** Receives a table of the pins so far; the receiver closes it. */
  readonly onSoFar?: ((table: OpenedTable) => void) | undefined;
}

/** The pin worker seen from the extension host: a thread of threadHandle.ts. Tables that arrive after their request was canceled are closed. */
export interface PinWorkerHandle {
  /** Starts the thread unless it runs, so that it is ready by the first request. */
  start(): void;
  /** Rejects with IpfsKitError: the error of the worker, `timeout` when it is silent too long, `cancelled`. */
  request<Op extends Operation>(
    operation: Op,
    params: WorkerOperations[Op]['params'],
    options?: RequestOptions,
  ): Promise<WorkerOperations[Op]['result']>;
  isRunning(): boolean;
  dispose(): Promise<void>;
}

export interface PinWorkerOptions {
  /** The bundle of pinWorker.ts. */
  readonly file: string;
  readonly wasmFile: string;
  /** The folder for the last list of each daemon; without it, none is saved or found. */
  readonly keepFolder?: string;
  /** See ThreadOptions. */
  readonly youngMb?: number;
  /** V8's flag of that name, for the whole process. */
  readonly wasmTieringBudget?: number;
  /** The longest silence in ms; default 20,000. */
  readonly silenceMs?: number | undefined;
  readonly onEnded?: (why: IpfsKitError) => void;
}

export function createPinWorkerHandle({
  file,
  wasmFile,
  keepFolder,
  youngMb,
  wasmTieringBudget,
  silenceMs = SILENCE_MS,
  onEnded,
}: PinWorkerOptions): PinWorkerHandle {
  let threads = 0;
  const canceled = new Int32Array(new SharedArrayBuffer(CANCELED_IDS * Int32Array.BYTES_PER_ELEMENT));
  const executing = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  const thread = createThreadHandle<WorkerOperations, WorkerSign>({
    file,
    silenceMs,
    heapMb: HEAP_MB,
    youngMb,
    canceled,
    executing,
    onEnded,
    texts: {
      silent: 'Reading the pins',
      full: "The list exceeds IPFS Kit's memory limit.",
      failed: 'The pin worker failed',
      ended: `The pin worker ended. ${tryAgain()}.`,
    },
    workerData: (): WorkerData => ({
      wasmFile,
      canceled,
      executing,
      environment: pythonEnvironment(process.env),
      tempFolder: tmpdir(),
      keepFolder,
      firstTable: TABLES_PER_THREAD * threads++,
      wasmTieringBudget,
    }),
  });

  return {
    ...thread,
    request: async (operation, params, { signal, onReceived, onPins, onSoFar } = {}) => {
      const result = await thread.request(operation, params, {
        signal,
        onSign: (sign, late) => {
          if ('alive' in sign) return;
          if ('receivedBytes' in sign) {
            if (!late) onReceived?.(sign.receivedBytes);
          } else if ('writtenPins' in sign) {
            if (!late) onPins?.(sign.writtenPins);
          } else if (late || !onSoFar) close(sign.soFar);
          else onSoFar(sign.soFar);
        },
        onLate: (result) => {
          if (isOpenedTable(result)) close(result);
          if (isJoin(result) && !isJoin(params)) closeJoin(result);
        },
      });
      return isPieces(result) ? ((await joined(result)) as typeof result) : result;
    },
  };

  /** Closes a table whose request was canceled. */
  function close({ table }: Pick<OpenedTable, 'table'>): void {
    void thread.request('close', { table }).catch(() => undefined);
  }

  /** Closes a new join whose caller will never know its number. */
  function closeJoin({ join }: Pick<JoinState, 'join'>): void {
    void thread.request('closeJoin', { join }).catch(() => undefined);
  }
}

/** Whether this has the number of a join: the parameters of a request that changes one, or its result. */
function isJoin(value: unknown): value is Pick<JoinState, 'join'> {
  return typeof value === 'object' && value !== null && 'join' in value && typeof value.join === 'number';
}

function isOpenedTable(result: unknown): result is Pick<OpenedTable, 'table'> {
  return typeof result === 'object' && result !== null && 'table' in result;
}
