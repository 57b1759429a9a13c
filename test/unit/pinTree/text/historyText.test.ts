import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { SinceChanges } from '../../../../src/history/historyContract';
import { changesText, historyDayTexts, lostText } from '../../../../src/pinTree/text/historyText';

const at = (month: number, day: number, hour = 12, minute = 0): number => new Date(2026, month - 1, day, hour, minute).getTime();
const NOW = at(4, 20, 18);
const none = { count: 0, rows: [] };

describe('the days that a list can be compared with', () => {
  const said = (...atMs: readonly number[]): readonly string[] =>
    historyDayTexts({ atMs }, NOW).map(({ title, description }) => `${title}: ${description}`);

  it('are the last list of each day, and the first one of today; the last list of all is what they are compared with', () => {
    // In March and April the clock changes in many zones.
    const lists = [
      at(3, 1),
      at(4, 6, 1),
      at(4, 13, 9),
      at(4, 13, 22, 5),
      at(4, 19, 23, 59),
      at(4, 20, 0, 1),
      at(4, 20, 9),
      at(4, 20, 17),
    ];
    assert.deepEqual(said(...lists), [
      'Earlier today: 20 April 2026, 00:01',
      'Yesterday: 19 April 2026, 23:59',
      '7 days ago: 13 April 2026, 22:05',
      '14 days ago: 6 April 2026, 01:00',
      '1 March 2026: 1 March 2026, 12:00',
    ]);
    assert.deepEqual([said(at(4, 20)), said()], [[], []]);
  });

  it('have the time with which they are compared', () =>
    assert.deepEqual(
      historyDayTexts({ atMs: [at(4, 19, 8), at(4, 19, 9), NOW] }, NOW).map(({ atMs }) => atMs),
      [at(4, 19, 9)],
    ));
});

describe('the document of what has changed', () => {
  const changes: SinceChanges = {
    added: { count: 1, rows: [{ cid: 'bafya', status: 'queued' }] },
    gone: { count: 1234, rows: [{ cid: 'bafyb', name: 'b[x](command:y)' }, { cid: 'bafyc' }] },
    renamed: { count: 1, rows: [{ cid: 'bafyd', name: 'new', was: undefined }] },
    status: { count: 1, rows: [{ cid: 'bafye', name: 'e', status: 'failed', was: 'pinned' }] },
    fromMs: at(4, 19, 9, 5),
    toMs: at(4, 20, 8),
    lost: [],
  };

  it('has the numbers and the first rows of each kind, first what is gone', () =>
    assert.equal(
      changesText('Kubo', changes),
      `Kubo, 20 April 2026, 08:00
Compared with the list of 19 April 2026, 09:05

Gone: 1,234
  bafyb  “b[x]\u2060(command:y)”
  bafyc
  … and 1,232 more

Added: 1
  bafya  queued

Renamed: 1
  bafyd  no name → “new”

Status changed: 1
  bafye  pinned → failed

`,
    ));

  it('says that nothing has changed, unless changes are missing', () => {
    const same = { ...changes, added: none, gone: none, renamed: none, status: none };
    assert.match(changesText('Kubo', same), /\n\nNothing has changed\.\n/);
    const lost = [
      { fromMs: undefined, toMs: at(4, 1) },
      { fromMs: at(4, 2), toMs: at(4, 3, 7, 30) },
    ];
    const text = changesText('Kubo', { ...same, lost });
    assert.match(
      text,
      /Changes before 1 April 2026, 12:00 are missing: the history file was damaged\.\nChanges between 2 April 2026, 12:00 and 3 April 2026, 07:30 are missing/,
    );
    assert.match(text, /No change is known\./);
    assert.doesNotMatch(text, /Nothing has changed/);
  });
});

describe('the warning of lost pins', () => {
  it('names the source, how many are gone, and since when', () => {
    assert.equal(lostText('Kubo', 12, at(4, 19, 9), NOW), '12 pins have gone from Kubo since yesterday.');
    assert.equal(lostText('Kubo', 1, at(4, 20, 9, 5), NOW), '1 pin has gone from Kubo since 09:05.');
    assert.equal(lostText('mine', 1234, at(3, 1), NOW), '1,234 pins have gone from mine since 1 March 2026.');
  });
});
