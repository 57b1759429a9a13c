import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, watch, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { watchKuboAddress } from '../../../src/daemonClient/kubo/watchKuboAddress';
import { watchStore } from '../../../src/pinStore/watchStore';
import { newFolder } from '../pinStore/testDatabases';
import { needs, POSIX } from '../../support/needs';

/** The number of files that `prlimit` needs to start. */
const SPARE = 32;

/**
 * Sets the soft limit of open files of this process (prlimit(1)). At `most`, inotify_init1(2) fails with EMFILE, as on a machine that has reached its
 * limit.
 */
function limitFiles(most: string): void {
  execFileSync('prlimit', ['--pid', String(process.pid), `--nofile=${most}:`]);
}

describe('where the system gives no events', needs(POSIX), () => {
  let usual = '';
  const alive = setInterval(() => undefined, 1000);
  before(() => {
    usual = execFileSync('prlimit', ['--pid', String(process.pid), '--nofile', '--noheadings', '--raw', '--output=SOFT'])
      .toString()
      .trim();
  });
  after(() => clearInterval(alive));

  /** Begins to watch while no more files can be opened, until the log contains the error. */
  const without = async <T>(begin: () => T, noted: Promise<unknown>): Promise<T> => {
    const opened = [openSync('/dev/null', 'r')];
    limitFiles(String((opened[0] ?? 0) + SPARE));
    try {
      for (;;) opened.push(openSync('/dev/null', 'r'));
    } catch (error) {
      assert.match(String(error), /EMFILE/);
    }
    try {
      assert.throws(() => watch('/', { persistent: false }), { code: 'EMFILE' });
      const begun = begin();
      await noted;
      return begun;
    } finally {
      opened.forEach((file) => closeSync(file));
      limitFiles(usual);
    }
  };

  it('the address of a Kubo is checked regularly instead, and the reason is logged', async () => {
    const repository = newFolder();
    const changes = new EventTarget();
    const notes: string[] = [];
    const noted = once(changes, 'note');
    const note = (line: string): void => void (notes.push(line), changes.dispatchEvent(new Event('note')));
    const changed = (): boolean => changes.dispatchEvent(new Event('change'));
    const watching = await without(() => watchKuboAddress(repository, changed, { note, pollMs: 20 }), noted);
    const came = once(changes, 'change');
    writeFileSync(path.join(repository, 'api'), '/ip4/127.0.0.1/tcp/5001');
    await came;
    watching.dispose();
    assert.equal(notes.length, 1);
    assert.match(notes[0] ?? '', /can't be watched \(EMFILE.*checks them every 0\.02 s instead\.$/);
  });

  it('pin stores are checked regularly instead, and the reason is logged once', async () => {
    const file = path.join(newFolder(), 'pins.db');
    writeFileSync(file, 'one');
    const changes = new EventTarget();
    const notes: string[] = [];
    const watching = watchStore({
      databasePath: () => file,
      pidFile: () => undefined,
      onStores: () => Promise.resolve(changes.dispatchEvent(new Event('change'))),
      onPidFile: () => assert.fail(),
      note: (line) => void (notes.push(line), changes.dispatchEvent(new Event('note'))),
      debounceMs: 1,
      leastBetweenMs: 1,
      pollMs: 20,
    });
    const event = once(changes, 'change');
    await without(() => watching.setActive(true), once(changes, 'note'));
    const writing = setInterval(() => writeFileSync(file, `two and more ${performance.now()}`), 50);
    await event;
    clearInterval(writing);
    watching.dispose();
    assert.equal(notes.length, 1);
    assert.match(notes[0] ?? '', /can't be watched \(EMFILE/);
  });
});
