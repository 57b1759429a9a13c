import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { LaneResult } from '../../scripts/lib/laneReport.mjs';
import { reportLanes } from '../../scripts/lib/laneReport.mjs';
import { needs, POSIX } from '../support/needs';

const LANES = ['types', 'stop', 'unit', 'host', 'ui', 'lint'];

interface Reported {
  readonly passed: number;
  readonly failed: number;
  readonly ran: readonly string[];
  readonly lines: readonly string[];
}

/** The report for these results of the lanes. */
async function report(platform: NodeJS.Platform, results: readonly LaneResult[], wanted = LANES): Promise<Reported> {
  const [ran, written]: [string[], string[]] = [[], []];
  const totals = await reportLanes({
    ...{ wanted, platform, write: (line) => void written.push(line) },
    run: (lane) => (ran.push(lane), Promise.resolve(results)),
  });
  return { ...totals, ran, lines: written.join('\n').split('\n') };
}

describe('npm test', () => {
  it('runs every lane on Linux, and names no lane as not run', async () => {
    const { passed, failed, ran, lines } = await report('linux', [{ title: 'a' }]);
    assert.deepEqual([passed, failed, ran], [6, 0, LANES]);
    assert.equal(lines.at(-1), '6 passed, 0 failed');
    assert.deepEqual(
      lines.filter((line) => line.includes('not run')),
      [],
    );
  });

  it('runs the compiler beside the stop cases, the linters beside the host suites and journeys, and the unit tests with nothing beside them', async () => {
    const [running, begun]: [Set<string>, string[]] = [new Set(), []];
    const run = async (lane: string): Promise<readonly LaneResult[]> => {
      begun.push([...running.add(lane)].join(' '));
      await nextTurn();
      running.delete(lane);
      return [{ title: 'a' }];
    };
    await reportLanes({ wanted: LANES, platform: 'linux', write: () => undefined, run });
    assert.deepEqual(begun, ['types', 'types stop', 'unit', 'host', 'host ui', 'host ui lint']);
  });

  for (const platform of ['darwin', 'win32'] as const)
    it(`runs what ${platform} can run, and names the other lanes with the reason, as neither passed nor failed`, async () => {
      const { passed, failed, ran, lines } = await report(platform, [{ title: 'a' }]);
      assert.deepEqual([passed, failed, ran], [3, 0, ['types', 'unit', 'lint']]);
      assert.equal(lines.at(-1), '3 passed, 0 failed');
      for (const lane of ['stop', 'host', 'ui'])
        assert.equal(lines.filter((line) => line.startsWith(`${lane}: not run on ${platform}: `)).length, 1, lane);
    });

  it('names each test that a platform can’t run, as neither passed nor failed', async () => {
    const notRun = 'not run on win32: needs named pipes';
    const { passed, failed, lines } = await report('win32', [{ title: 'a' }, { title: 'b', notRun }], ['unit']);
    assert.deepEqual([passed, failed], [1, 0]);
    assert.ok(lines.includes(`b: ${notRun}`));
    assert.match(lines.at(-2) ?? '', /^unit +1 passed +0 failed +0 s, 1 not run on win32$/);
  });

  it('fails with a lane that should run and fails, on every platform', async () => {
    for (const platform of ['linux', 'darwin', 'win32'] as const) {
      const { failed } = await report(platform, [{ title: 'unit: could not run', error: 'no Python' }], ['unit']);
      assert.equal(failed, 1, platform);
    }
  });

  it('has run nothing if only such lanes were requested', async () => {
    const { passed, failed, ran } = await report('darwin', [{ title: 'a' }], ['stop']);
    assert.deepEqual([passed, failed, ran], [0, 0, []]);
  });
});

describe('a test that needs what a platform lacks', () => {
  it('is named as not run there, with the reason, and runs elsewhere', () => {
    assert.deepEqual(needs('/proc', 'darwin'), { skip: 'not run on darwin: needs /proc' });
    assert.deepEqual(needs(POSIX, 'win32'), { skip: `not run on win32: needs ${POSIX}` });
    assert.deepEqual(needs(POSIX, 'darwin'), { skip: false });
  });

  it('is never left out on Linux', () => {
    for (const need of ['/proc', 'PID namespaces', POSIX] as const) assert.deepEqual(needs(need, 'linux'), { skip: false });
  });
});
