import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { DaemonState } from '../../../src/daemonClient/ipfsKit/daemonState';
import type { DaemonMonitor, MonitorState } from '../../../src/daemonClient/ipfsKit/monitor';
import type { Probe } from '../../../src/daemonClient/ipfsKit/probe';
import { IpfsKitError } from '../../../src/base/ipfsKitError';
import type { PinWorkerHandle } from '../../../src/pinWorker/pinWorkerHandle';
import { createDaemonControl } from '../../../src/reaper/daemonControl';
import type { DaemonControl } from '../../../src/reaper/daemonControl';
import type { StopOptions, StopProgress } from '../../../src/reaper/stopContract';
import type { DaemonSettings } from '../../../src/reaper/daemonSettings';
import type { MadeTable } from '../../support/madeTable';
import { DAEMON, madeTable } from '../../support/madeTable';
import { http, rawServer } from '../daemonClient/rawServer';
import type { RawServer } from '../daemonClient/rawServer';

interface Stage {
  readonly control: DaemonControl;
  readonly table: MadeTable;
  /** `hold`, `release` and `ask`, in order. */
  readonly heard: string[];
  stop(options?: Partial<StopOptions>): ReturnType<DaemonControl['stop']>;
}

function stage(server: RawServer, state: DaemonState, url = server.url): Stage {
  const heard: string[] = [];
  const table = madeTable({ pid: 100, argv: DAEMON });
  const current: MonitorState = { state, url, detail: '', since: 0 };
  const monitor: Partial<DaemonMonitor> = {
    current: () => current,
    check: () => {
      heard.push('ask');
      return Promise.resolve({ state, url, detail: '', attempts: [], ms: 1 } as Probe);
    },
    holdStopping: () => {
      heard.push('hold');
      return () => void heard.push('release');
    },
  };
  const worker: Partial<PinWorkerHandle> = {
    request: () => Promise.reject(new IpfsKitError('missing', 'There is not a database.')),
  };
  const value = <T>(given: T): { value(): T } => ({ value: () => given });
  const settings: Partial<DaemonSettings> = {
    daemonUrls: value([server.url]),
    databasePath: value('/nowhere'),
    daemonCommand: value([]),
    daemonNames: value({ scriptNames: ['ipfs_kit_daemon.py'], moduleNames: [], commandNames: [] }),
    pidFile: value(undefined),
    stopTimeouts: value({ gracefulTimeoutMs: 100, termTimeoutMs: 50, kuboIdleMs: 200 }),
  };
  const control = createDaemonControl({
    monitor: monitor as DaemonMonitor,
    worker: worker as PinWorkerHandle,
    marker: { name: 'X', value: 'x' },
    logFile: '/nowhere/daemon.log',
    settings: settings as DaemonSettings,
  });
  return {
    control,
    table,
    heard,
    stop: (options) => control.stop({ table, candidates: () => Promise.resolve('unknown'), ...options }),
  };
}

async function withServer<T>(run: (server: RawServer) => Promise<T>): Promise<T> {
  const server = await rawServer((_, socket) => void socket.end(http('{"detail":"Not Found"}', { status: '404 Not Found' })));
  try {
    return await run(server);
  } finally {
    await server.close();
  }
}

describe('stopping with the settings', () => {
  it('asks a daemon that responds to shut down, and only once', () =>
    withServer(async (server) => {
      const result = await stage(server, 'up').stop();
      assert.deepEqual(server.requests, ['POST /shutdown HTTP/1.1']);
      assert.deepEqual([result.killed, result.host, result.port], [[100], '127.0.0.1', server.port]);
      assert.match(result.notes.join(), /HTTP 404/);
    }));

  for (const state of ['foreign', 'busy', 'absent'] as const)
    it(`posts nothing to a server that is ${state}`, () =>
      withServer(async (server) => {
        const result = await stage(server, state).stop();
        assert.deepEqual(server.requests, []);
        assert.deepEqual(result.killed, [100]);
      }));

  it("sends no request to a server that responds like the daemon if none of the daemon's processes listens there", () =>
    withServer(async (server) => {
      const scene = stage(server, 'up');
      scene.table.facts = (rows) => new Map(rows.map(({ pid }) => [pid, { listening: [{ address: '127.0.0.1', port: 9 }] }]));
      const result = await scene.stop();
      assert.deepEqual(server.requests, []);
      assert.match(result.notes.join(), /None of the daemon's processes listens/);
    }));

  it('posts to it where one of its processes listens', () =>
    withServer(async (server) => {
      const scene = stage(server, 'up');
      scene.table.facts = (rows) =>
        new Map(rows.map(({ pid }) => [pid, { listening: [{ address: '127.0.0.1', port: server.port }] }]));
      await scene.stop();
      assert.deepEqual(server.requests, ['POST /shutdown HTTP/1.1']);
    }));

  it('posts nothing beyond the loopback interface, and looks at no port there', () =>
    withServer(async (server) => {
      const result = await stage(server, 'up', 'http://192.0.2.1:8774').stop();
      assert.deepEqual(server.requests, []);
      assert.deepEqual([result.host, result.port], ['127.0.0.1', server.port]);
    }));

  it('shows "stopping" from the confirmation to the end, and then probes the daemon', () =>
    withServer(async (server) => {
      const scene = stage(server, 'up');
      await scene.stop({
        confirm: () => {
          scene.heard.push('confirm');
          return Promise.resolve(true);
        },
      });
      assert.deepEqual(scene.heard, ['ask', 'confirm', 'hold', 'release', 'ask']);
    }));

  it('shows no stop if the user cancels the question', () =>
    withServer(async (server) => {
      const scene = stage(server, 'up');
      await assert.rejects(scene.stop({ confirm: () => Promise.resolve(false) }), (error) => IpfsKitError.is(error, 'cancelled'));
      assert.deepEqual(scene.heard, ['ask', 'ask']);
      assert.equal(scene.control.lastReport(), undefined);
    }));

  it('is released regardless of how it ends', () =>
    withServer(async (server) => {
      const scene = stage(server, 'up');
      await assert.rejects(scene.stop({ port: -1 }), (error) => IpfsKitError.is(error, 'invalid-argument'));
      assert.deepEqual(scene.heard, ['ask', 'hold', 'release', 'ask']);
    }));

  it('is not done twice at a time', () =>
    withServer(async (server) => {
      const scene = stage(server, 'absent');
      const first = scene.stop();
      await assert.rejects(scene.stop(), (error) => IpfsKitError.is(error, 'busy'));
      assert.equal((await first).ok, false); // The server keeps listening.
      await scene.stop();
    }));

  it('keeps the stop report', () =>
    withServer(async (server) => {
      const scene = stage(server, 'absent');
      const result = await scene.stop();
      assert.equal(scene.control.lastReport()?.result, result);
    }));

  it("prefers the caller's options to the settings", () =>
    withServer(async (server) => {
      const events: StopProgress[] = [];
      const scene = stage(server, 'up');
      const result = await scene.stop({ scriptNames: ['other.py'], onProgress: (event) => events.push(event) });
      assert.deepEqual(result.killed, []);
      assert.ok(events.length > 0);
    }));
});
