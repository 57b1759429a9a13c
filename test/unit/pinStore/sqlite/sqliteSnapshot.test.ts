import assert from 'node:assert/strict';
import { renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { IpfsKitError } from '../../../../src/base/ipfsKitError';
import type { SnapshotLimits, Snapshots } from '../../../../src/pinStore/sqlite/sqliteSnapshot';
import { takeSnapshots } from '../../../../src/pinStore/sqlite/sqliteSnapshot';
import { because, newFile, settled } from '../testDatabases';

interface Watched {
  readonly file: string;
  readonly snapshots: Snapshots<number>;
  readonly opened: () => number;
  readonly closed: () => number;
}

/** Opening returns a number, which shows which opening a result came from. */
function watched(limits?: SnapshotLimits): Watched {
  const file = newFile();
  writeFileSync(file, 'content');
  settled(file);
  let opened = 0;
  let closed = 0;
  const snapshots = takeSnapshots(
    file,
    () => ++opened,
    () => {
      closed++;
    },
    limits,
  );
  return { file, snapshots, opened: () => opened, closed: () => closed };
}

/** Changes that another process makes to a database; each one is permanent. */
const CHANGES: Readonly<Record<string, (file: string) => void>> = {
  'the file is written': (file) => writeFileSync(file, 'CONTENT'),
  'the file grows': (file) => writeFileSync(file, 'content', { flag: 'a' }),
  'the file is replaced': (file) => {
    writeFileSync(`${file}.new`, 'content');
    const time = Date.now() / 1000 - 60;
    utimesSync(`${file}.new`, time, time);
    renameSync(`${file}.new`, file);
  },
  'the file is deleted': (file) => rmSync(file),
  'a log is begun': (file) => writeFileSync(`${file}-wal`, 'log'),
  'a transaction is begun': (file) => writeFileSync(`${file}-journal`, 'journal'),
  'a checkpoint runs': (file) => writeFileSync(`${file}-shm`, Buffer.alloc(32_768, 1)),
};

describe('takeSnapshots', () => {
  it('opens once for as long as nothing is written', async () => {
    const { snapshots, opened, closed } = watched();
    for (let asked = 0; asked < 5; asked++) assert.equal(await snapshots.ask((number) => number, undefined), 1);
    assert.deepEqual([opened(), closed()], [1, 0]);
    snapshots.close();
    snapshots.close();
    assert.deepEqual([opened(), closed()], [1, 1]);
  });

  for (const [what, change] of Object.entries(CHANGES)) {
    it(`discards a result when ${what} meanwhile, and queries again`, async () => {
      const { file, snapshots, opened, closed } = watched();
      const answer = await snapshots.ask((number) => {
        if (number === 1) change(file);
        return number;
      }, undefined);
      assert.equal(answer, 2);
      assert.deepEqual([opened(), closed()], [2, 1]);
    });

    it(`discards an error when ${what} meanwhile, and queries again`, async () => {
      const { file, snapshots } = watched();
      const answer = await snapshots.ask((number) => {
        if (number > 1) return number;
        change(file);
        throw new IpfsKitError('corrupt', 'torn');
      }, undefined);
      assert.equal(answer, 2);
    });

    it(`opens again when ${what} between two queries`, async () => {
      const { file, snapshots } = watched();
      assert.equal(await snapshots.ask((number) => number, undefined), 1);
      change(file);
      assert.equal(await snapshots.ask((number) => number, undefined), 2);
    });
  }

  it('sees the two counters of a checkpoint, and no more of the shared memory', async () => {
    const { file, snapshots, opened } = watched();
    const memory = Buffer.alloc(32_768);
    writeFileSync(`${file}-shm`, memory);
    const change = async (at: number): Promise<number> => {
      memory[at] = (memory[at] ?? 0) + 1;
      writeFileSync(`${file}-shm`, memory);
      await snapshots.ask(() => undefined, undefined);
      return opened();
    };
    await snapshots.ask(() => undefined, undefined);
    assert.equal(await change(100), 1, 'a reader came: nothing was written');
    assert.equal(await change(96), 2, 'nBackfill');
    assert.equal(await change(128), 3, 'nBackfillAttempted');
  });

  it('reports an error of an unchanged file immediately', async () => {
    const { snapshots, opened, closed } = watched();
    const asking = snapshots.ask(() => {
      throw new IpfsKitError('corrupt', 'Damaged.');
    }, undefined);
    await assert.rejects(asking, because('corrupt', 'Damaged'));
    assert.deepEqual([opened(), closed()], [1, 1]);
  });

  it('waits for an unfinished transaction a few times, then reports its error', async () => {
    const { snapshots, opened } = watched();
    const asking = snapshots.ask(() => {
      throw new IpfsKitError('busy', 'Unfinished.');
    }, undefined);
    await assert.rejects(asking, because('busy', 'Unfinished'));
    assert.equal(opened(), 5);
  });

  it('gives up on a file that is written all the time', async () => {
    const { file, snapshots, opened, closed } = watched({ tries: 10 });
    let written = 0;
    const asking = snapshots.ask(() => writeFileSync(file, `content ${++written}`), undefined);
    await assert.rejects(asking, because('busy', file));
    assert.ok(written > 0 && written <= 10, `${written} answers were made`);
    assert.equal(opened(), closed());
  });

  it('gives up when its time is over, however many tries are left', async () => {
    const { file, snapshots } = watched({ tries: 1_000_000, patienceMs: 30 });
    await assert.rejects(
      snapshots.ask(() => writeFileSync(file, String(Math.random())), undefined),
      because('busy', file),
    );
  });

  it('does not read a file within a clock tick of its last write', async () => {
    const { file, snapshots } = watched();
    writeFileSync(file, 'written just now');
    const ageMs = await snapshots.ask(() => Date.now() - statSync(file).mtimeMs, undefined);
    assert.ok(ageMs > 7, `it was read ${ageMs} ms after the write`); // 8 ms less the fraction of a millisecond in the file's time.
  });

  it('reads a file whose time lies ahead', async () => {
    const { file, snapshots } = watched();
    settled(file, -3600);
    assert.equal(await snapshots.ask((number) => number, undefined), 1);
  });

  it('stops when it is canceled, and when it is closed', async () => {
    const { snapshots } = watched();
    await assert.rejects(
      snapshots.ask((number) => number, AbortSignal.abort()),
      because('cancelled', ''),
    );
    snapshots.close();
    await assert.rejects(
      snapshots.ask((number) => number, undefined),
      because('cancelled', ''),
    );
  });

  it('ends a wait when it is closed meanwhile, and opens nothing more', async () => {
    const { file, snapshots, opened, closed } = watched();
    const asking = snapshots.ask(() => {
      writeFileSync(file, String(Math.random()));
      setImmediate(() => snapshots.close());
    }, undefined);
    await assert.rejects(asking, because('cancelled', ''));
    assert.deepEqual([opened(), closed()], [1, 1]);
  });
});
