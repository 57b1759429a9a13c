import { Worker } from 'node:worker_threads';
import type { PlainError } from './ipfsKitError';
import { IpfsKitError } from './ipfsKitError';

/**
 * What goes to a thread and what comes back. A message with neither result nor error is a sign of life; with `alive`, one of nothing but life; `note` is for
 * the log, whatever was asked.
 */
export type ToThread =
  { readonly id: number; readonly operation: string; readonly params: unknown } | { readonly cancel: number };
export type FromThread<Sign> =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: PlainError }
  | ({ readonly id: number } & Sign)
  | { readonly note: string };

/** Each operation with what it is asked and what it answers. */
export type Operations<Ops> = { readonly [Op in keyof Ops]: { readonly params: unknown; readonly result: unknown } };

export interface ThreadRequestOptions<Sign> {
  readonly signal?: AbortSignal | undefined;
  /** A sign of life; `late`: nobody waits for the answer any more. */
  readonly onSign?: (sign: Sign, late: boolean) => void;
  /** The answer to what was cancelled. */
  readonly onLate?: (result: unknown) => void;
}

/**
 * A thread seen from the extension host: started late, stopped when it doesn't respond, started again when it is wanted again. There is never more
 * than one: `terminate()` doesn't interrupt native code (JSON.parse, a hash, a decoder), so a thread that is stopped may go on for a while, with its
 * processor and its memory, and the next one is not started before it has exited.
 */
export interface ThreadHandle<Ops extends Operations<Ops>, Sign> {
  /** Starts the thread soon unless it runs, so that its start-up is over by the time it is wanted; not at once: making it takes milliseconds. */
  start(): void;
  /** Rejects with IpfsKitError: what the thread reports, `timeout` when it is silent, or takes to exit, too long, `cancelled`. */
  request<Op extends keyof Ops & string>(
    operation: Op,
    params: Ops[Op]['params'],
    options?: ThreadRequestOptions<Sign>,
  ): Promise<Ops[Op]['result']>;
  isRunning(): boolean;
  /** Stops the thread; resolves when it has exited, or after `exitMs`. */
  dispose(): Promise<void>;
}

export interface ThreadOptions {
  /** Its bundle. */
  readonly file: string;
  /** Asked for at each start. */
  readonly workerData: () => unknown;
  /** Longest silence in ms while something is asked. */
  readonly silenceMs: number;
  /**
   * Longest time in ms for a request that only shows that the thread is alive; default 300,000. Then the request is cancelled, and the thread stopped
   * where that has no effect for as long again.
   */
  readonly busyMs?: number;
  /** Longest wait in ms for a thread that is being stopped, before what was asked is refused; default 5,000. */
  readonly exitMs?: number;
  /** Heap of JavaScript objects; buffers lie outside of it. */
  readonly heapMb: number;
  /** What it does, for messages: `Reading the pins` didn't respond. */
  readonly texts: { readonly silent: string; readonly full: string; readonly failed: string; readonly ended: string };
  /** Of shared memory: the number of a cancelled request is put at that number modulo the length, for a thread that is too busy to take messages. */
  readonly cancelled?: Int32Array;
  readonly onEnded?: ((why: IpfsKitError) => void) | undefined;
  readonly onNote?: ((note: string) => void) | undefined;
}

/** What requests were rejected with since their thread ended, or since they kept it busy for too long. */
const endsOfThreads = new WeakSet<Error>();

/** Whether a request failed because its thread was stopped or ended by itself, which the request may have caused, or was kept busy for too long. */
export function isEndOfThread(error: unknown): boolean {
  return error instanceof Error && (endsOfThreads.has(error) || isEndOfThread(error.cause));
}

interface Pending<Sign> {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: IpfsKitError) => void;
  readonly alive: (sign: Sign) => void;
}

const EXIT_MS = 5000;
const BUSY_MS = 5 * 60_000;

export function createThreadHandle<Ops extends Operations<Ops>, Sign extends object>({
  file,
  workerData,
  silenceMs,
  busyMs = BUSY_MS,
  exitMs = EXIT_MS,
  heapMb,
  texts,
  cancelled: cancelledIds,
  onEnded,
  onNote,
}: ThreadOptions): ThreadHandle<Ops, Sign> {
  let worker: Worker | undefined;
  /** Settles when the thread that is being stopped has exited. */
  let leaving: Promise<void> | undefined;
  let disposed = false;
  let lastId = 0;
  const pending = new Map<number, Pending<Sign>>();

  const end = (why: IpfsKitError): void => {
    const ending = worker;
    worker = undefined;
    const waiting = [...pending.values()];
    pending.clear();
    if (why.reason !== 'cancelled') endsOfThreads.add(why);
    for (const { reject } of waiting) reject(why);
    if (!ending) return;
    onEnded?.(why);
    ending.removeAllListeners().on('error', () => undefined);
    const exited = (): void => (leaving = undefined);
    leaving = ending.terminate().then(exited, exited);
  };

  /** Whether it has exited in time. */
  const hasLeft = async (exit: Promise<void>, signal?: AbortSignal): Promise<boolean> => {
    let stopWaiting = (): void => undefined;
    const over = new Promise<false>((resolve) => (stopWaiting = () => resolve(false)));
    const timer = setTimeout(stopWaiting, exitMs);
    signal?.addEventListener('abort', stopWaiting, { once: true });
    const left = await Promise.race([exit.then(() => true), over]);
    clearTimeout(timer);
    signal?.removeEventListener('abort', stopWaiting);
    return left;
  };

  const start = (): Worker => {
    if (worker) return worker;
    if (disposed) throw new IpfsKitError('cancelled', 'IPFS Kit is shutting down.');
    // No flags, environment or stdio of the host: the thread needs none of them.
    const started = new Worker(file, {
      workerData: workerData(),
      env: {},
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: heapMb },
    });
    worker = started;
    started.on('message', (message: FromThread<Sign>) => {
      if ('note' in message) return onNote?.(message.note);
      const waiting = pending.get(message.id);
      if (!waiting) return;
      if ('error' in message) {
        pending.delete(message.id);
        waiting.reject(new IpfsKitError(message.error.reason, message.error.message));
      } else if ('result' in message) {
        pending.delete(message.id);
        waiting.resolve(message.result);
      } else waiting.alive(message);
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
      if (signal?.aborted) throw new IpfsKitError('cancelled', 'Cancelled.');
      const target = start();
      const id = ++lastId;
      const hung = (): void =>
        end(
          new IpfsKitError(
            'timeout',
            `${texts.silent} didn't respond for ${silenceMs / 1000} s and is being stopped. Try again.`,
          ),
        );
      let timer = setTimeout(hung, silenceMs);
      let cancelled = false;
      let progressAt = performance.now();
      // The thread may be deep in a decoder: the caller does not wait for it, the timer goes on.
      const cancel = (why = new IpfsKitError('cancelled', 'Cancelled.')): void => {
        cancelled = true;
        if (cancelledIds) Atomics.store(cancelledIds, id % cancelledIds.length, id);
        target.postMessage({ cancel: id } satisfies ToThread);
        reject(why);
      };
      const cancelByCaller = (): void => cancel();
      const checkBusy = (): void => {
        if (performance.now() - progressAt < busyMs) return;
        const why = new IpfsKitError(
          'timeout',
          `${texts.silent} took longer than ${busyMs / 1000} s and is being stopped. Try again.`,
        );
        if (cancelled) return end(why);
        endsOfThreads.add(why);
        cancel(why);
        progressAt = performance.now();
      };
      const settle = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', cancelByCaller);
      };
      signal?.addEventListener('abort', cancelByCaller, { once: true });
      pending.set(id, {
        resolve: (result) => {
          settle();
          if (cancelled) onLate?.(result);
          resolve(result);
        },
        reject: (error) => {
          settle();
          reject(error);
        },
        alive: (sign) => {
          clearTimeout(timer);
          timer = setTimeout(hung, silenceMs);
          if ('alive' in sign) return checkBusy();
          progressAt = performance.now();
          onSign?.(sign, cancelled);
        },
      });
      target.postMessage({ id, operation, params } satisfies ToThread);
    });

  return {
    start: () =>
      void setTimeout(() => {
        try {
          if (!disposed && !leaving) start();
        } catch {
          // no thread is to be had: whoever asks it something is told
        }
      }),
    request: async (operation, params, options = {}) => {
      const { signal } = options;
      while (leaving) {
        if (await hasLeft(leaving, signal)) continue;
        if (signal?.aborted) break;
        throw new IpfsKitError('timeout', `${texts.silent} is still being stopped. Try again in a while, or reload the window.`);
      }
      return ask(operation, params, options);
    },
    isRunning: () => worker !== undefined,
    dispose: async () => {
      disposed = true;
      end(new IpfsKitError('cancelled', 'IPFS Kit is shutting down.'));
      if (leaving) await hasLeft(leaving);
    },
  };
}
