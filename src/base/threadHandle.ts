import { Worker } from 'node:worker_threads';
import { startDeadline } from './deadline';
import type { PlainError } from './ipfsKitError';
import { IpfsKitError } from './ipfsKitError';
import { byAsker } from './settingOrOption';

/**
 * The messages to and from a thread. A message with neither result nor error is a heartbeat; `alive` is only a heartbeat; `note` is for the log, independent of
 * any request.
 */
export type ToThread =
  { readonly id: number; readonly operation: string; readonly params: unknown } | { readonly cancel: number };
export type FromThread<Sign> =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: PlainError }
  | ({ readonly id: number } & Sign)
  | { readonly note: string };

/** Each operation with its parameters and its result. */
export type Operations<Ops> = { readonly [Op in keyof Ops]: { readonly params: unknown; readonly result: unknown } };

export interface ThreadRequestOptions<Sign> {
  readonly signal?: AbortSignal | undefined;
  /** Gets a heartbeat. `late`: the caller no longer waits for the result. */
  readonly onSign?: (sign: Sign, late: boolean) => void;
  /** Gets the result of a canceled request. */
  readonly onLate?: (result: unknown) => void;
}

/**
 * A thread as the extension host uses it: started when it is needed, stopped when it doesn't respond, and restarted when it is needed again. There is never
 * more than one: `terminate()` doesn't interrupt native code (JSON.parse, a hash, a decoder), so a stopped thread may run on for a while, with its processor
 * and its memory, and the next one is started only after it has exited.
 */
export interface ThreadHandle<Ops extends Operations<Ops>, Sign> {
  /** Starts the thread unless it runs, so that its start-up is over by the time it is needed. Creating it takes some ms of the calling thread. */
  start(): void;
  /** Rejects with IpfsKitError: the thread's own error, `timeout` when it is silent or takes too long to exit, `cancelled`. */
  request<Op extends keyof Ops & string>(
    operation: Op,
    params: Ops[Op]['params'],
    options?: ThreadRequestOptions<Sign>,
  ): Promise<Ops[Op]['result']>;
  isRunning(): boolean;
  /** Cancels all requests, gives the thread a second to clean up after them, and stops it; resolves when it has exited, or after `exitMs`. */
  dispose(): Promise<void>;
}

export interface ThreadOptions {
  /** The bundle of the thread. */
  readonly file: string;
  /** Called at each start. */
  readonly workerData: () => unknown;
  /** The longest silence while a request is open (ms). */
  readonly silenceMs: number;
  /**
   * The longest time for a request that sends only heartbeats (ms); default 300,000. Then the request is canceled, and the thread stopped if that has no effect
   * for as long again.
   */
  readonly busyMs?: number;
  /** The longest wait for a thread that is being stopped, before new requests are rejected (ms); default 5,000. */
  readonly exitMs?: number;
  /** The heap for JavaScript objects; buffers are outside it. */
  readonly heapMb: number;
  /** The part of the heap for young objects: a smaller one is collected sooner. By default V8 decides. */
  readonly youngMb?: number | undefined;
  /** What the thread does, for messages: `Reading the pins` didn't respond. */
  readonly texts: { readonly silent: string; readonly full: string; readonly failed: string; readonly ended: string };
  /** Shared memory: the number of a canceled request is stored at that number modulo the length, for a thread that is too busy to receive messages. */
  readonly canceled?: Int32Array;
  /**
   * Shared memory: the first number is that of the request that the thread is working on, or 0 (noteExecuting). When the thread ends, that request gets the
   * blame; without this, or with 0, every request gets it.
   */
  readonly executing?: Int32Array;
  readonly onEnded?: ((why: IpfsKitError) => void) | undefined;
  readonly onNote?: ((note: string) => void) | undefined;
}

/** The errors that requests were rejected with because their thread had ended, or because they kept it busy for too long. */
const endsOfThreads = new WeakSet<Error>();
/** Those of requests that another request took the thread from. */
const endsByOthers = new WeakSet<Error>();

/** Whether a request failed because its thread was stopped or exited, which the request may have caused, or was kept busy for too long. */
export function isEndOfThread(error: unknown): boolean {
  return error instanceof Error && (endsOfThreads.has(error) || isEndOfThread(error.cause));
}

/** Whether a request failed only because another one had ended their thread, or an earlier thread, in which its list was open (`closed`). */
export function isEndByAnother(error: unknown): boolean {
  return error instanceof Error && (endsByOthers.has(error) || IpfsKitError.is(error, 'closed') || isEndByAnother(error.cause));
}

/** How often work is repeated: each time a different request has ended the thread. */
const MOST_REPEATS = 4;

/** Does the work again in the next thread where another request has ended its thread. */
export async function repeatIfEndedByAnother<Result>(work: (isRepeated: boolean) => Promise<Result>): Promise<Result> {
  for (let repeats = 0; ; repeats++)
    try {
      return await work(repeats > 0);
    } catch (error) {
      if (repeats === MOST_REPEATS || !isEndByAnother(error)) throw error;
    }
}

interface Pending<Sign> {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: IpfsKitError) => void;
  readonly alive: (sign: Sign) => void;
  readonly cancel: (why: IpfsKitError) => void;
}

/** The longest time for a disposed thread to clean up (ms). */
const CLEAN_UP_MS = 1000;
const EXIT_MS = 5000;
const BUSY_MS = 5 * 60_000;

export function createThreadHandle<Ops extends Operations<Ops>, Sign extends object>({
  file,
  workerData,
  silenceMs,
  busyMs = BUSY_MS,
  exitMs = EXIT_MS,
  heapMb,
  youngMb,
  texts,
  canceled: canceledIds,
  executing,
  onEnded,
  onNote,
}: ThreadOptions): ThreadHandle<Ops, Sign> {
  let worker: Worker | undefined;
  /** Settles when the thread that is being stopped has exited. */
  let leaving: Promise<void> | undefined;
  let disposed = false;
  let lastId = 0;
  const pending = new Map<number, Pending<Sign>>();
  let onSettled = (): void => undefined;
  let disposing: Promise<void> | undefined;

  const end = (why: IpfsKitError, blamed = executing ? Atomics.load(executing, 0) : 0): void => {
    const ending = worker;
    worker = undefined;
    const waiting = [...pending];
    const isBlameKnown = pending.has(blamed);
    pending.clear();
    if (why.reason !== 'cancelled') endsOfThreads.add(why);
    for (const [id, { reject }] of waiting) reject(isBlameKnown && id !== blamed ? endByAnother(why) : why);
    onSettled();
    if (!ending) return;
    onEnded?.(why);
    ending.removeAllListeners().on('error', () => undefined);
    const exited = (): void => (leaving = undefined);
    leaving = ending.terminate().then(exited, exited);
  };

  const endByAnother = ({ reason }: IpfsKitError): IpfsKitError => {
    const error = new IpfsKitError(reason, `${texts.silent} was stopped, because another request ended its thread. Try again.`);
    endsByOthers.add(error);
    return error;
  };

  /** Whether the thread has exited, or done another thing, in time. */
  const hasLeft = async (exit: Promise<void>, signal?: AbortSignal, withinMs = exitMs): Promise<boolean> => {
    let stopWaiting = (): void => undefined;
    const over = new Promise<false>((resolve) => (stopWaiting = () => resolve(false)));
    const timer = setTimeout(stopWaiting, withinMs);
    signal?.addEventListener('abort', stopWaiting, { once: true });
    const left = await Promise.race([exit.then(() => true), over]);
    clearTimeout(timer);
    signal?.removeEventListener('abort', stopWaiting);
    return left;
  };

  const start = (): Worker => {
    if (disposed) throw shuttingDown();
    if (worker) return worker;
    if (executing) Atomics.store(executing, 0, 0);
    // The thread gets no flags, environment or stdio of the host, since it needs none of them.
    const started = new Worker(file, {
      workerData: workerData(),
      env: {},
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: heapMb, maxYoungGenerationSizeMb: youngMb },
    });
    worker = started;
    started.on('message', (message: FromThread<Sign>) => {
      if ('note' in message) return onNote?.(message.note);
      const waiting = pending.get(message.id);
      if (!waiting) return;
      if (!('error' in message || 'result' in message)) return waiting.alive(message);
      pending.delete(message.id);
      if ('error' in message) waiting.reject(new IpfsKitError(message.error.reason, message.error.message));
      else waiting.resolve(message.result);
      if (pending.size === 0) onSettled();
    });
    started.on('error', (error: NodeJS.ErrnoException) => {
      const full = error.code === 'ERR_WORKER_OUT_OF_MEMORY';
      const what = full ? texts.full : `${texts.failed}: ${error.message}`;
      end(new IpfsKitError(full ? 'too-large' : 'internal', what, { cause: error }));
    });
    started.on('exit', () => end(new IpfsKitError('internal', texts.ended)));
    return started;
  };

  const ask = <Op extends keyof Ops & string>(
    operation: Op,
    params: Ops[Op]['params'],
    { signal, onSign, onLate }: ThreadRequestOptions<Sign>,
  ): Promise<Ops[Op]['result']> =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) throw new IpfsKitError('cancelled', 'Canceled.');
      const target = start();
      const id = ++lastId;
      send(target, { id, operation, params }); // throws for params that can't be sent; nothing waits for an answer then
      const hung = (): void =>
        end(
          new IpfsKitError(
            'timeout',
            `${texts.silent} hasn't responded for ${silenceMs / 1000} s and is being stopped. Try again.`,
          ),
        );
      // A thread at a breakpoint is silent too: .vscode/launch.json sets this variable, so that the thread isn't stopped there.
      const deadline = process.env['IPFS_KIT_DEBUG'] === undefined ? startDeadline(silenceMs, hung) : undefined;
      let canceled = false;
      let progressAt = performance.now();
      // The thread may be deep in a decoder: the caller doesn't wait for it, and the deadline stays.
      const cancel = (why = new IpfsKitError('cancelled', 'Canceled.')): void => {
        canceled = true;
        if (canceledIds) Atomics.store(canceledIds, id % canceledIds.length, id);
        target.postMessage({ cancel: id } satisfies ToThread);
        reject(why);
      };
      const cancelByCaller = (): void => cancel();
      const checkBusy = (): void => {
        if (performance.now() - progressAt < busyMs) return;
        const why = new IpfsKitError(
          'timeout',
          `${texts.silent} has taken longer than ${busyMs / 1000} s and is being stopped. Try again.`,
        );
        if (canceled) return end(why, id);
        endsOfThreads.add(why);
        cancel(why);
        progressAt = performance.now();
      };
      const settle = (): void => {
        deadline?.end();
        signal?.removeEventListener('abort', cancelByCaller);
      };
      signal?.addEventListener('abort', cancelByCaller, { once: true });
      pending.set(id, {
        resolve: (result) => {
          settle();
          if (canceled) onLate?.(result);
          resolve(result);
        },
        reject: (error) => {
          settle();
          reject(error);
        },
        cancel,
        alive: (sign) => {
          deadline?.refresh();
          if ('alive' in sign) return checkBusy();
          progressAt = performance.now();
          onSign?.(sign, canceled);
        },
      });
    });

  const dispose = async (): Promise<void> => {
    disposed = true;
    const settled = new Promise<void>((resolve) => (onSettled = resolve));
    for (const { cancel } of pending.values()) cancel(shuttingDown());
    if (worker && pending.size > 0) await hasLeft(settled, undefined, CLEAN_UP_MS);
    end(shuttingDown(), 0);
    if (leaving) await hasLeft(leaving);
  };

  return {
    start: () => {
      try {
        if (!disposed && !leaving) start();
      } catch {
        // The thread can't be started: each open request is rejected.
      }
    },
    request: async (operation, params, options = {}) => {
      const { signal } = options;
      while (leaving) {
        if (await hasLeft(leaving, signal)) continue;
        if (signal?.aborted) break;
        throw new IpfsKitError(
          'timeout',
          `${texts.silent} is still being stopped. ${byAsker('Try again in a while, or reload the window', 'Run the command again')}.`,
        );
      }
      return ask(operation, params, options);
    },
    isRunning: () => worker !== undefined,
    dispose: () => (disposing ??= dispose()),
  };
}

function shuttingDown(): IpfsKitError {
  return new IpfsKitError('cancelled', 'IPFS Kit is shutting down.');
}

function send(thread: Worker, message: ToThread): void {
  try {
    thread.postMessage(message);
  } catch (error) {
    throw new IpfsKitError('invalid-argument', 'The request contains a value that is neither plain data nor text.', {
      cause: error,
    });
  }
}
