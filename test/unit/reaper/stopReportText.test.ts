import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { stopReportText } from '../../../src/reaper/stopReportText';
import type { ReportEntry, StopResult } from '../../../src/reaper/stopContract';
import { assertGolden } from '../../support/golden';

const AT = Date.UTC(2026, 10, 23, 12);

function entry(fields: Partial<ReportEntry> = {}): ReportEntry {
  const argv = ['/usr/bin/python3', '/opt/my kit/ipfs_kit_daemon.py', '--port', '8774'];
  const daemon = { pid: 100, ppid: 1, start: '4711', startedAt: AT - 3_600_000, argv, link: 'daemon', newborn: false } as const;
  return { ...daemon, signals: ['SIGTERM', 'SIGCONT'], outcome: 'terminated', ms: 1234.5, ...fields };
}

function result(fields: Partial<StopResult> = {}): StopResult {
  const good = { ok: true, killed: [100], survivors: [], portOpen: false, dbLockers: [], ms: 1300, processes: [entry()] };
  return {
    ...good,
    host: '127.0.0.1',
    port: 8774,
    locks: 'free',
    notes: [],
    summary: 'The daemon is stopped. Ended 1 process.',
    ...fields,
  };
}

describe('the stop report', () => {
  it('of a clean stop', () => {
    const pidFile = { path: '/tmp/ipfs_kit_daemon.pid', removed: true, detail: "contained PID 100, which isn't running" };
    assertGolden('stop-report-clean', stopReportText(result({ pidFile }), AT, ['/home/u/.ipfs_kit/pin_metadata/pins.db']));
  });

  it('of a stop that left something behind', () => {
    const processes = [
      entry({ outcome: 'killed', signals: ['SIGTERM', 'SIGCONT', 'SIGSTOP', 'SIGKILL'] }),
      entry({ pid: 101, ppid: 100, argv: ['ipfs', 'daemon'], link: 'child', signals: [], outcome: 'exited', ms: 12 }),
      entry({
        pid: 102,
        link: 'marker',
        newborn: true,
        outcome: 'alive',
        signals: ['SIGKILL'],
        why: "It didn't exit after SIGKILL.",
      }),
    ];
    const notes = ['PID 103 was started by the daemon, but runs as another user or in a container, and was left alone.'];
    const wrong = {
      ok: false,
      survivors: [102],
      portOpen: true,
      host: '::1',
      dbLockers: [102],
      locks: 'held' as const,
      processes,
      notes,
    };
    assertGolden('stop-report-survivors', stopReportText(result({ ...wrong, summary: 'Ended 2 processes, but …' }), AT, ['/db']));
  });

  it('of a stop that found nothing', () => {
    const nothing = {
      killed: [],
      processes: [],
      locks: 'not-asked' as const,
      summary: 'No daemon is running under your account.',
    };
    assertGolden('stop-report-nothing', stopReportText(result(nothing), AT, []));
  });

  it('is bounded and shows every control character, for any command lines', () => {
    const hostile = ['python3', 'a\nPID 1  killed\u202e\u0000$(trash)', 'x'.repeat(1_000_000)];
    const text = stopReportText(result({ processes: [entry({ argv: hostile })], notes: ['y\n'.repeat(100_000)] }), AT, ['/d\nb']);
    assert.ok(text.length < 4000);
    assert.ok(!text.includes('\0'));
    assert.doesNotMatch(text, /^PID 1 {2}killed|\u202e/m);
  });
});
