// Assertions that hold after every stop, whatever the case.
import assert from 'node:assert/strict';
import type { StopStep } from '../../../src/reaper/stopContract';
import type { Observation } from './observation';
import { describeProcess, keyOf } from './procfs';
import type { Proc } from './procfs';

export interface Expected {
  /** `exactly` if the tree doesn't change by itself, `at-least` if it does. Default `exactly`. */
  readonly killed?: 'exactly' | 'at-least';
  /** Whether a process that lived at the call may have ended before stop() saw it. */
  readonly fleeting?: (found: Proc) => boolean;
  readonly ok?: boolean;
  readonly portOpen?: boolean;
  readonly survivors?: readonly number[];
  readonly dbLockers?: readonly number[];
}

const STEPS: readonly StopStep[] = ['graceful', 'scan', 'terminate', 'kill', 'verify', 'done'];

export function checkResult({ result }: Observation, before: readonly Proc[], expected: Expected): void {
  const { killed, survivors, processes } = result;
  const alive = before.filter((each) => expected.fleeting?.(each) !== true).map(({ pid }) => pid);
  assert.equal(new Set(killed).size, killed.length, 'killed names no pid twice');
  assert.deepEqual(sorted(survivors), sorted(expected.survivors ?? []), 'survivors');
  const missed = before.filter(({ pid }) => alive.includes(pid) && !killed.includes(pid) && !survivors.includes(pid));
  assert.deepEqual(missed.map(describeProcess), [], 'killed lacks nothing that was alive at the call');
  if (expected.killed !== 'at-least')
    assert.deepEqual(sorted([...killed, ...survivors]), sorted(alive), 'killed is what was alive at the call');
  assert.equal(result.portOpen, expected.portOpen ?? false, 'portOpen');
  assert.deepEqual(sorted(result.dbLockers), sorted(expected.dbLockers ?? []), 'dbLockers');
  assert.equal(result.ok, expected.ok ?? true, `ok: ${result.summary}`);
  assert.ok(result.ms >= 0 && result.summary !== '');
  const reported = new Set(processes.map(({ pid }) => pid));
  for (const pid of [...killed, ...survivors]) assert.ok(reported.has(pid), `the stop report names ${String(pid)}`);
}

export function checkEvents({ events, signals, result }: Observation): void {
  const steps = events.map(({ step }) => step);
  const order = steps.map((step) => STEPS.indexOf(step));
  assert.deepEqual(
    order,
    order.toSorted((a, b) => a - b),
    `events in order: ${steps.join(' ')}`,
  );
  for (const step of ['scan', 'verify', 'done'] as const) assert.ok(steps.includes(step), `there is a step ${step}`);
  assert.equal(steps.filter((step) => step === 'done').length, 1, 'done comes once');
  assert.ok(
    events.every(({ message }) => message.trim() !== ''),
    'every event has a message',
  );
  if (result.processes.length === 0) assert.deepEqual(signals, [], 'nothing is signaled where nothing is ours');
  if (signals.length === 0) assert.ok(!steps.includes('terminate') && !steps.includes('kill'), 'no step that was not needed');
}

/** Asserts that the stop report lists exactly the signals that were sent, and that only processes of the tree received any. */
export function checkSignals({ signals, result }: Observation, guarded: ReadonlyMap<string, string>): void {
  for (const { pid, signal, target } of signals) {
    assert.ok(Number.isSafeInteger(pid) && pid > 1 && pid !== process.pid, `no signal to ${String(pid)}`);
    assert.match(signal, /^SIG(?:TERM|CONT|STOP|KILL)$/);
    const bystander = target && guarded.get(keyOf(target));
    assert.equal(bystander, undefined, `${signal} was sent to a bystander`);
  }
  for (const entry of result.processes) {
    const tried = signals.filter(({ pid, target }) => (target ? keyOf(target) === keyOf(entry) : pid === entry.pid));
    const sent = tried.filter(({ delivered }) => delivered).map(({ signal }) => signal);
    const named = new Set(entry.signals.map((signal) => signal.replace(' (refused)', '')));
    for (const signal of sent) assert.ok(named.has(signal), `the stop report of ${String(entry.pid)} names its ${signal}`);
    for (const signal of named)
      assert.ok(
        tried.some((each) => each.signal === signal),
        `${String(entry.pid)} really got the ${signal} in its stop report`,
      );
    if (entry.outcome === 'killed') assert.ok(sent.includes('SIGKILL'), `${String(entry.pid)} was killed by SIGKILL`);
    if (entry.outcome === 'terminated') assert.ok(sent.includes('SIGTERM'), `${String(entry.pid)} was terminated by SIGTERM`);
  }
}

function sorted(pids: readonly number[]): number[] {
  return pids.toSorted((a, b) => a - b);
}
