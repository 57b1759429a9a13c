import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, readFileSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { StoreWatch } from '../../../src/pinStore/watchStore';
import { watchStore } from '../../../src/pinStore/watchStore';
import { newFolder } from './testDatabases';

const opened: StoreWatch[] = [];
after(() => {
  for (const watch of opened) watch.dispose();
});

interface Watched {
  readonly watch: StoreWatch;
  readonly notifications: { stores: number; pidFile: number };
  /** Waits until this many changes of the stores were reported. */
  readonly until: (stores: number) => Promise<void>;
}

function watching(databasePath: string, pidFile?: string, onStores?: () => Promise<void>): Watched {
  const notifications = { stores: 0, pidFile: 0 };
  const watch = watchStore({
    databasePath: () => databasePath,
    pidFile: () => pidFile,
    onStores: async () => {
      notifications.stores++;
      await onStores?.();
    },
    onPidFile: () => {
      notifications.pidFile++;
    },
    note: (line) => assert.fail(line),
    debounceMs: 20,
    leastBetweenMs: 20,
    pollMs: 50,
  });
  opened.push(watch);
  return {
    watch,
    notifications,
    until: async (stores) => {
      const deadline = performance.now() + 20_000;
      while (notifications.stores < stores && performance.now() < deadline) await sleep(10);
      assert.ok(notifications.stores >= stores, `notified ${notifications.stores} times of ${stores}`);
    },
  };
}

/** Long enough for an event and its consequences. */
const quiet = (): Promise<void> => sleep(300);

/** Waits until the watch is active and has looked once. */
async function begun(watched: Watched): Promise<Watched> {
  watched.watch.setActive(true);
  await quiet();
  return watched;
}

describe('watching pin stores', () => {
  it('reports a change to the file, its -wal and its -journal', async () => {
    const file = path.join(newFolder(), 'pins.db');
    writeFileSync(file, 'one');
    const { until, notifications } = await begun(watching(file));
    assert.equal(notifications.stores, 0);
    writeFileSync(file, 'two and more');
    await until(1);
    await quiet();
    for (const [number, suffix] of ['-wal', '-journal'].entries()) {
      const before = notifications.stores;
      writeFileSync(file + suffix, 'x');
      await until(before + 1);
      assert.ok(notifications.stores >= number + 2);
      await quiet();
    }
    const before = notifications.stores;
    rmSync(file);
    await until(before + 1);
  });

  it("doesn't report reads, or changes of other files", async () => {
    const folder = newFolder();
    const file = path.join(folder, 'pins.db');
    writeFileSync(file, 'one');
    const { until, notifications } = await begun(watching(file));
    readFileSync(file);
    writeFileSync(path.join(folder, 'notes.txt'), 'x');
    writeFileSync(`${file}-shm`, 'x');
    utimesSync(folder, 1, 1);
    await quiet();
    assert.equal(notifications.stores, 0);
    writeFileSync(file, 'two');
    await until(1);
  });

  it("notices stores in a folder that doesn't exist yet, and again after it was removed", async () => {
    const root = path.join(newFolder(), '.ipfs_kit');
    const { until, notifications } = await begun(watching(root));
    const put = (): void => {
      mkdirSync(path.join(root, 'pin_metadata', 'parquet_storage'), { recursive: true });
      writeFileSync(path.join(root, 'pin_metadata', 'parquet_storage', 'pins.parquet'), 'PAR1');
    };
    put();
    await until(1);
    await quiet();
    const before = notifications.stores;
    rmSync(root, { recursive: true });
    await until(before + 1);
    await quiet();
    const gone = notifications.stores;
    put();
    await until(gone + 1);
    await quiet();
    const back = notifications.stores;
    mkdirSync(path.join(root, 'backends', 'one'), { recursive: true });
    await quiet();
    writeFileSync(path.join(root, 'backends', 'one', 'pin_mappings.parquet'), 'PAR1');
    await until(back + 1);
  });

  it('keeps watching a folder that was replaced by another one of its path, whatever number its inode has', async () => {
    const root = path.join(newFolder(), '.ipfs_kit');
    const file = path.join(root, 'pin_metadata', 'pins.db');
    const make = (): void => {
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, 'one');
    };
    make();
    const { until, notifications } = await begun(watching(root));
    for (let time = 1; time <= 3; time++) {
      rmSync(root, { recursive: true });
      make();
      await quiet();
      const before = notifications.stores;
      appendFileSync(file, 'two');
      await until(before + 1);
    }
  });

  it('notices a file that replaces the old one, and keeps watching it', async () => {
    const file = path.join(newFolder(), 'pins.db');
    writeFileSync(file, 'one');
    const { until } = await begun(watching(file));
    for (let number = 1; number <= 3; number++) {
      writeFileSync(`${file}.new`, `version ${number}`);
      renameSync(`${file}.new`, file);
      await until(number);
      await quiet();
    }
  });

  it('reports many changes once, and not while the previous report is still being handled', async () => {
    const file = path.join(newFolder(), 'pins.db');
    writeFileSync(file, 'one');
    let atOnce = 0;
    let most = 0;
    const { until, notifications } = await begun(
      watching(file, undefined, async () => {
        most = Math.max(most, ++atOnce);
        await sleep(100);
        atOnce--;
      }),
    );
    for (let number = 0; number < 100; number++) {
      appendFileSync(file, 'more');
      await sleep(5);
    }
    await until(1);
    await sleep(1000);
    assert.equal(most, 1);
    assert.ok(notifications.stores >= 1 && notifications.stores < 10, `notified ${notifications.stores} times`);
  });

  it('is silent while it is inactive, and then reports once if something has changed', async () => {
    const file = path.join(newFolder(), 'pins.db');
    writeFileSync(file, 'one');
    const { watch, until, notifications } = await begun(watching(file));
    watch.setActive(false);
    writeFileSync(file, 'two and more');
    await quiet();
    assert.equal(notifications.stores, 0);
    watch.setActive(true);
    await until(1);
    watch.setActive(false);
    watch.setActive(true);
    await quiet();
    assert.equal(notifications.stores, 1);
  });

  it('reports the PID file, and no other changes in its folder', async () => {
    const temporary = newFolder();
    const pidFile = path.join(temporary, 'daemon.pid');
    const { notifications } = await begun(watching(path.join(newFolder(), 'pins.db'), pidFile));
    writeFileSync(path.join(temporary, 'other'), 'x');
    await quiet();
    assert.equal(notifications.pidFile, 0);
    writeFileSync(pidFile, '4711');
    await quiet();
    assert.equal(notifications.pidFile, 1);
    rmSync(pidFile);
    await quiet();
    assert.equal(notifications.pidFile, 2);
    assert.equal(notifications.stores, 0);
  });
});
