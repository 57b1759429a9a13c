import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createDaemonMonitor } from '../../../../src/daemonClient/ipfsKit/monitor';
import type { DaemonMonitor } from '../../../../src/daemonClient/ipfsKit/monitor';
import type { ProbedState } from '../../../../src/daemonClient/ipfsKit/daemonState';
import type { Probe, ProbeOptions } from '../../../../src/daemonClient/ipfsKit/probe';
import { probe as realProbe } from '../../../../src/daemonClient/ipfsKit/probe';
import { IpfsKitError } from '../../../../src/base/ipfsKitError';
import type { RawServer } from '../rawServer';
import { http, rawServer } from '../rawServer';

interface Stage {
  readonly monitor: DaemonMonitor;
  readonly questions: string[];
  readonly states: string[];
  answer: ProbedState;
  url: string | undefined;
  /** Runs the next timer, and returns the ms after which it was due. */
  pass(): Promise<number | undefined>;
}

function stage(probe?: typeof realProbe, urls: readonly string[] = []): Stage {
  const timers: { run: () => void; ms: number }[] = [];
  const questions: string[] = [];
  const states: string[] = [];
  const scene: Stage = {
    answer: 'up',
    url: undefined,
    questions,
    states,
    monitor: createDaemonMonitor({
      urls: () => urls,
      probe: (_, options: ProbeOptions) => {
        if (probe) return probe(urls, options);
        const { question } = options;
        questions.push(question ?? 'health');
        const { answer: state, url } = scene;
        return Promise.resolve({ state, ...(url !== undefined && { url }), detail: state, attempts: [], ms: 1 });
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
  it("sends no request before it is asked to, or while the answer isn't visible", async () => {
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

  it('reports stopping as long as it is held, regardless of responses, and then the real state', async () => {
    const scene = stage();
    await scene.monitor.check('asked');
    const release = scene.monitor.holdStopping('being stopped');
    assert.deepEqual([scene.monitor.current().state, scene.monitor.current().detail], ['stopping', 'being stopped']);
    await scene.monitor.check('poll');
    assert.equal(scene.monitor.current().state, 'stopping');
    const other = scene.monitor.holdStopping('being stopped');
    release();
    release();
    await scene.monitor.check('asked');
    assert.equal(scene.monitor.current().state, 'stopping', 'held by another still');
    other();
    scene.answer = 'absent';
    await scene.monitor.check('asked');
    assert.deepEqual(scene.states, ['up', 'stopping', 'absent']);
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

  it('polls less and less often while no daemon responds, down to once a minute, and often again when one does', async () => {
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

  it('keeps "starting" over polls that say up', async () => {
    const scene = stage();
    scene.answer = 'starting';
    await scene.monitor.check('asked');
    scene.answer = 'up';
    await scene.monitor.check('poll');
    assert.equal(scene.monitor.current().state, 'starting');
    await scene.monitor.check('asked');
    assert.equal(scene.monitor.current().state, 'up');
  });

  it('has only one request in progress, which later callers join', async () => {
    const scene = stage();
    const { monitor } = scene;
    await Promise.all([monitor.check('asked'), monitor.check('poll'), monitor.check('asked'), monitor.check('poll')]);
    assert.deepEqual(scene.questions, ['health']);
  });

  it('puts the question of a person in place of a poll under way, whose waiters get that answer', async () => {
    const ended: string[] = [];
    const probe = (_: readonly string[], { question, signal }: ProbeOptions): Promise<Probe> =>
      question === 'health'
        ? Promise.resolve({ state: 'starting', detail: 'Asked.', attempts: [], ms: 1 })
        : new Promise((_resolve, reject) =>
            signal?.addEventListener('abort', () => {
              ended.push('poll');
              reject(new IpfsKitError('cancelled', 'Canceled.'));
            }),
          );
    const monitor = createDaemonMonitor({ urls: () => [], probe });
    const answers = await Promise.all([monitor.check('poll'), monitor.check('poll'), monitor.check('asked')]);
    assert.deepEqual(
      answers.map(({ detail }) => detail),
      ['Asked.', 'Asked.', 'Asked.'],
    );
    assert.deepEqual([ended, monitor.current().state], [['poll'], 'starting']);
    monitor.dispose();
  });

  it("doesn't poll less often because a person asks often", async () => {
    const scene = stage();
    scene.answer = 'absent';
    scene.monitor.setVisible(true);
    for (let press = 0; press < 5; press++) await scene.monitor.check('asked');
    assert.equal(await scene.pass(), 5000);
  });

  it('confirms a miss even if the state is no longer visible', async () => {
    const scene = stage();
    await scene.monitor.check('asked');
    scene.monitor.setVisible(true);
    scene.answer = 'busy';
    await scene.pass();
    scene.monitor.setVisible(false);
    assert.equal(await scene.pass(), 1000);
    assert.equal(scene.monitor.current().state, 'busy');
    assert.equal(await scene.pass(), undefined);
  });

  it('keeps the message of the state that it keeps, and drops the address of a daemon that has exited', async () => {
    const scene = stage();
    scene.url = 'http://127.0.0.1:1';
    scene.answer = 'starting';
    await scene.monitor.check('asked');
    scene.answer = 'up';
    await scene.monitor.check('poll');
    assert.deepEqual([scene.monitor.current().detail, scene.monitor.current().url], ['starting', 'http://127.0.0.1:1']);
    scene.answer = 'absent';
    scene.url = undefined;
    for (const miss of ['first', 'second']) assert.ok(await scene.monitor.check('poll'), miss);
    assert.deepEqual(scene.monitor.current(), { state: 'absent', url: undefined, detail: 'absent', since: 0 });
  });

  it('keeps nothing of a daemon when another one answers at another address', async () => {
    const scene = stage();
    scene.url = 'http://127.0.0.1:1';
    scene.answer = 'starting';
    await scene.monitor.check('asked');
    scene.answer = 'up';
    scene.url = 'http://127.0.0.1:2';
    await scene.monitor.check('poll');
    assert.deepEqual([scene.monitor.current().state, scene.monitor.current().url], ['up', 'http://127.0.0.1:2']);
  });

  it('continues, and calls the other listeners, when a listener throws', async () => {
    const scene = stage();
    const warned = new Promise<Error>((resolve) => process.once('warning', resolve));
    const states: string[] = [];
    scene.monitor.onDidChange(() => {
      throw new Error('a mistake');
    });
    scene.monitor.onDidChange(({ state }) => states.push(state));
    await scene.monitor.check('asked');
    assert.deepEqual(states, ['up']);
    assert.equal((await warned).message, 'a mistake');
  });

  it('turns any error of the settings into a rejection, and tries again later', async () => {
    let broken = true;
    const monitor = createDaemonMonitor({
      urls: () => {
        if (broken) throw new TypeError('no settings');
        return [];
      },
    });
    await assert.rejects(monitor.check('asked'), (error) => IpfsKitError.is(error, 'internal'));
    broken = false;
    assert.equal((await monitor.check('asked')).state, 'absent');
    monitor.dispose();
  });

  it('rides out a daemon that flaps, on real connections', async () => {
    const answering = (port?: number): Promise<RawServer> =>
      rawServer((_, socket) => void socket.end(http('{"status":"ok"}')), '127.0.0.1', port);
    let server = await answering();
    const { port, url } = server;
    const scene = stage(realProbe, [url]);
    await scene.monitor.check('asked');
    for (let flap = 0; flap < 3; flap++) {
      await server.close();
      assert.equal((await scene.monitor.check('poll')).state, 'absent');
      server = await answering(port);
      assert.equal((await scene.monitor.check('poll')).state, 'up');
    }
    assert.deepEqual(scene.states, ['up']);
    await server.close();
    await scene.monitor.check('poll');
    await scene.monitor.check('poll');
    assert.deepEqual(scene.states, ['up', 'absent']);
    scene.monitor.dispose();
  });

  it('calls no listener and has no timer after it is disposed', async () => {
    const scene = stage();
    scene.monitor.setVisible(true);
    await scene.monitor.check('asked');
    scene.monitor.dispose();
    assert.equal(await scene.pass(), undefined);
    await assert.rejects(scene.monitor.check('asked'));
    assert.deepEqual(scene.states, ['up']);
  });
});
