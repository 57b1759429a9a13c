import { readFileSync } from 'node:fs';
import { Session } from 'node:inspector';
import { SourceMap } from 'node:module';
import type { SourceMapPayload } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { WorkerOptions } from 'node:worker_threads';

/** A line of a source file, counted from 1 as an editor shows it. */
export interface SourceLine {
  readonly file: string;
  readonly line: number;
}

/** The line after the one that contains `text`. If `text` is the head of a function, it is the function's first statement. */
export function lineAfter(file: string, text: string): SourceLine {
  const index = readFileSync(file, 'utf8')
    .split('\n')
    .findIndex((line) => line.includes(text));
  if (index < 0) throw new Error(`${file} doesn't contain ${text}`);
  return { file, line: index + 2 };
}

/** The source map that a script names in its last line, which is in the same folder. */
function mapOf(script: string): SourceMap {
  const [, name = ''] = /\/\/# sourceMappingURL=(.+)\s*$/.exec(readFileSync(script, 'utf8')) ?? [];
  return new SourceMap(JSON.parse(readFileSync(path.join(path.dirname(script), name), 'utf8')) as SourceMapPayload);
}

/** The source line of a place in a script. */
function sourceOf(map: SourceMap, script: string, { lineNumber, columnNumber }: Place): SourceLine | undefined {
  const entry = map.findEntry(lineNumber, columnNumber);
  if (!('originalSource' in entry)) return undefined;
  return { file: path.resolve(path.dirname(script), entry.originalSource), line: entry.originalLine + 1 };
}

/** A place in a script, counted from 0 as the inspector counts. */
interface Place {
  readonly lineNumber: number;
  readonly columnNumber: number;
}

/** The first place of a script that was made from a source line. */
function placeOf(map: SourceMap, script: string, { file, line }: SourceLine): Place {
  for (const [lineNumber, text] of readFileSync(script, 'utf8').split('\n').entries())
    for (let columnNumber = 0; columnNumber < text.length; columnNumber++) {
      const found = sourceOf(map, script, { lineNumber, columnNumber });
      if (found?.file === file && found.line === line) return { lineNumber, columnNumber };
    }
  throw new Error(`Nothing in ${script} comes from ${file}:${line}.`);
}

interface FromWorker {
  readonly method?: string;
  readonly params?: {
    readonly callFrames?: readonly { readonly location: Place }[];
    readonly hitBreakpoints?: readonly string[];
  };
}

/**
 * Starts a worker thread as a debugger does (NodeWorker domain: the thread waits until breakpoints are set), with a breakpoint at a source line of
 * `script`, and sends it a message. Returns the source line at which the thread pauses.
 */
export async function pausesAt(
  wanted: SourceLine,
  { script, started = script, message, ...options }: WorkerOptions & { script: string; started?: string; message: unknown },
): Promise<SourceLine | undefined> {
  const map = mapOf(script);
  const place = placeOf(map, script, wanted);
  const session = new Session();
  session.connect();
  let worker: Worker | undefined;
  try {
    return await new Promise((resolve, reject) => {
      const send = (sessionId: string, method: string, params = {}): void =>
        session.post('NodeWorker.sendMessageToWorker', { sessionId, message: JSON.stringify({ id: 1, method, params }) });
      session.on('NodeWorker.attachedToWorker', ({ params: { sessionId } }) => {
        send(sessionId, 'Debugger.enable');
        send(sessionId, 'Debugger.setBreakpointByUrl', { url: pathToFileURL(script).href, ...place });
        send(sessionId, 'Runtime.runIfWaitingForDebugger');
      });
      session.on('NodeWorker.receivedMessageFromWorker', ({ params: { sessionId, message: text } }) => {
        const { method, params } = JSON.parse(text) as FromWorker;
        if (method !== 'Debugger.paused') return;
        const at = params?.hitBreakpoints?.length === 1 ? params.callFrames?.[0]?.location : undefined;
        if (at) resolve(sourceOf(map, script, at));
        send(sessionId, at ? 'Debugger.disable' : 'Debugger.resume'); // A thread also pauses at its first line.
      });
      session.post('NodeWorker.enable', { waitForDebuggerOnStart: true }, (error) => {
        if (error) return reject(error);
        worker = new Worker(started, options);
        worker.on('error', reject).on('exit', () => reject(new Error('The thread ended without a stop at the breakpoint.')));
        worker.postMessage(message);
      });
    });
  } finally {
    worker?.removeAllListeners();
    await worker?.terminate();
    session.disconnect();
  }
}
