import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createDaemonMonitor } from '../../../src/daemonClient/monitor';
import type { DaemonMonitor } from '../../../src/daemonClient/monitor';
import type { ProbedState } from '../../../src/daemonClient/daemonState';
import type { ProbeOptions } from '../../../src/daemonClient/probe';

interface Stage {
  readonly monitor: DaemonMonitor;
  readonly questions: string[];
  readonly states: string[];
  answer: ProbedState;
  /** Runs the timer that is due next, and says after how many ms it would have come. */
  pass(): Promise<number | undefined>;
}

function stage(): Stage {
  const timers: { run: () => void; ms: number }[] = [];
  const questions: string[] = [];
  const states: string[] = [];
  const scene: Stage = {
    answer: 'up',
    questions,
    states,
    monitor: createDaemonMonitor({
      urls: () => ['http://127.0.0.1:1'],
      probe: (_, { question }: ProbeOptions) => {
        questions.push(question ?? 'health');
        return Promise.resolve({ state: scene.answer, detail: scene.answer, attempts: [], ms: 1 });
      },
      clock: {
        now: () => 0,
        setTimeout: (run, ms) => {
          const timer = { run, ms };
          timers.push(timer);
          return timer;
        },
        clearTimeout: (timer) => {
          const at = timers.indexOf(timer as (typeof timers)[number]);
          if (at >= 0) timers.splice(at, 1);
        },
      },
    }),
    pass: async () => {
      assert.ok(timers.length <= 1, 'one timer at most');
      const timer = timers.shift();
      timer?.run();
      await new Promise((resolve) => setImmediate(resolve));
      return timer?.ms;
    },
  };
  scene.monitor.onDidChange(({ state }) => states.push(state));
  return scene;
}

describe('the daemon monitor', () => {
  it('asks nobody before it is asked to, nor while nobody can see the answer', async () => {
    const scene = stage();
    assert.equal(await scene.pass(), undefined);
    await scene.monitor.check('asked');
    assert.equal(await scene.pass(), undefined);
    assert.deepEqual(scene.questions, ['health']);
  });

  it('polls the status route, every 5 s while it is up', async () => {
    const scene = stage();
    await scene.monitor.check('asked');
    scene.monitor.setVisible(true);
    assert.equal(await scene.pass(), 0);
    assert.equal(await scene.pass(), 5000);
    assert.equal(await scene.pass(), 5000);
    assert.deepEqual(scene.questions, ['health', 'status', 'status', 'status']);
    scene.monitor.setVisible(false);
    assert.equal(await scene.pass(), undefined);
  });

  it('takes "up" back only after a second miss in a row, a second later', async () => {
    const scene = stage();
    await scene.monitor.check('asked');
    scene.answer = 'absent';
    await scene.monitor.check('poll');
    assert.equal(scene.monitor.current().state, 'up');
    assert.equal(await scene.pass(), 1000);
    assert.equal(scene.monitor.current().state, 'absent');
    assert.deepEqual(scene.states, ['up', 'absent']);
  });

  it('forgets a single miss', async () => {
    const scene = stage();
    await scene.monitor.check('asked');
    scene.answer = 'busy';
    await scene.monitor.check('poll');
    scene.answer = 'up';
    await scene.pass();
    scene.answer = 'busy';
    await scene.monitor.check('poll');
    assert.deepEqual(scene.states, ['up']);
  });

  it('asks more and more seldom while nobody is there, up to a minute, and often again when somebody is', async () => {
    const scene = stage();
    scene.answer = 'absent';
    scene.monitor.setVisible(true);
    await scene.monitor.check('asked');
    const waits: (number | undefined)[] = [];
    for (let poll = 0; poll < 6; poll++) waits.push(await scene.pass());
    assert.deepEqual(waits, [5000, 10_000, 20_000, 40_000, 60_000, 60_000]);
    scene.answer = 'up';
    await scene.pass();
    assert.equal(await scene.pass(), 5000);
  });

  it('keeps what listing learned, and "starting", over polls that say up', async () => {
    const scene = stage();
    await scene.monitor.check('asked');
    scene.monitor.report('up-without-arrow');
    await scene.monitor.check('poll');
    assert.equal(scene.monitor.current().state, 'up-without-arrow');
    scene.answer = 'starting';
    await scene.monitor.check('asked');
    scene.answer = 'up';
    await scene.monitor.check('poll');
    assert.equal(scene.monitor.current().state, 'starting');
    await scene.monitor.check('asked');
    assert.equal(scene.monitor.current().state, 'up');
  });

  it('has one question under way: a poll joins it', async () => {
    const scene = stage();
    await Promise.all([scene.monitor.check('asked'), scene.monitor.check('poll'), scene.monitor.check('poll')]);
    assert.deepEqual(scene.questions, ['health']);
  });

  it('tells nobody anything, and has no timer, after it is disposed', async () => {
    const scene = stage();
    scene.monitor.setVisible(true);
    await scene.monitor.check('asked');
    scene.monitor.dispose();
    assert.equal(await scene.pass(), undefined);
    await assert.rejects(scene.monitor.check('asked'));
    assert.deepEqual(scene.states, ['up']);
  });
});
