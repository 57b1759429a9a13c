// Calls stop() in a separate process: `node caller.js ANSWER OPTIONS`. It must exit by itself; if it doesn't, stop() left something open.
import { renameSync, writeFileSync } from 'node:fs';
import { stop } from '../../src/reaper/stop';
import type { StopOptions, StopProgress } from '../../src/reaper/stopContract';
import { recordSignals } from './lib/recordedSignals';

async function call(answer: string, options: StopOptions): Promise<void> {
  const signals = recordSignals();
  const events: StopProgress[] = [];
  const result = await stop({ ...options, onProgress: (event) => void events.push(event) });
  writeFileSync(`${answer}.new`, JSON.stringify({ result, events, signals }));
  renameSync(`${answer}.new`, answer);
}

const [answer = '', options = '{}'] = process.argv.slice(2);
void call(answer, JSON.parse(options) as StopOptions);
