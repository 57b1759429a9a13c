import assert from 'node:assert/strict';
import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';

/** A run of Python code: `args` is sys.argv, and `code` its program, or the file `args[0]` is. */
export interface PythonRun {
  readonly code?: string;
  readonly args: readonly string[];
}

interface Ended {
  readonly out: string;
  readonly error?: string;
}

/** Reads one run a line, and answers with one line each. What a program leaves open is closed when it ends, as the end of a process would do. */
const SERVER = `import contextlib, gc, io, json, sys, traceback
answers = sys.stdout
for line in sys.stdin:
    run, out, ended = json.loads(line), io.StringIO(), {}
    sys.argv = run["args"]
    try:
        code = run.get("code") or open(sys.argv[0], encoding="utf-8").read()
        with contextlib.redirect_stdout(out):
            exec(compile(code, sys.argv[0], "exec"), {"__name__": "__main__"})
    except BaseException:
        ended["error"] = traceback.format_exc()
    gc.collect()
    print(json.dumps({"out": out.getvalue(), **ended}), file=answers, flush=True)
`;

/** A thread of its own waits for Python, since the tests wait for this thread. */
const THREAD = `const { spawn } = require('node:child_process');
const { createInterface } = require('node:readline');
const { workerData: { python, server, env, port, flag } } = require('node:worker_threads');
let child;
const answer = (ended) => {
  port.postMessage(ended);
  Atomics.store(flag, 0, 1);
  Atomics.notify(flag, 0);
};
const start = () => {
  const started = spawn(python, ['-c', server], { env, stdio: ['pipe', 'pipe', 'inherit'] });
  createInterface({ input: started.stdout }).on('line', (line) => answer(JSON.parse(line)));
  started.on('error', (error) => answer({ out: '', error: String(error) }));
  started.on('exit', (status) => {
    child = undefined;
    answer({ out: '', ...(status !== 0 && { error: 'Python ended with ' + status }) });
  });
  return started;
};
port.on('message', (run) => (child ??= start()).stdin.write(JSON.stringify(run) + '\\n'));`;

let thread: { readonly port: MessagePort; readonly flag: Int32Array } | undefined;

/**
 * The output of a run. All runs of a test file share one process, since to start Python and load pyarrow takes longer than nearly all that they do. A run may
 * end the process by `os._exit(0)`; the next one has a new one.
 */
export function runInPython(python: string, env: NodeJS.ProcessEnv, run: PythonRun): string {
  thread ??= startThread(python, env);
  const { port, flag } = thread;
  Atomics.store(flag, 0, 0);
  port.postMessage(run);
  Atomics.wait(flag, 0, 0);
  const { out, error } = (receiveMessageOnPort(port) as { readonly message: Ended }).message;
  assert.equal(error, undefined, error);
  return out;
}

function startThread(python: string, env: NodeJS.ProcessEnv): NonNullable<typeof thread> {
  const { port1, port2 } = new MessageChannel();
  const flag = new Int32Array(new SharedArrayBuffer(4));
  const workerData = { python, server: SERVER, env: { ...env }, port: port2, flag };
  new Worker(THREAD, { eval: true, workerData, transferList: [port2] }).unref();
  return { port: port1, flag };
}
