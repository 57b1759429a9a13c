import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { statSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { describe, it } from 'node:test';
import { lockHolders } from '../../../src/pinStore/databaseLocks';
import { testFolder } from '../../support/folder';
import { testPython } from '../../support/testDaemon';
import { needs } from '../../support/needs';

const folder = testFolder('locks');
let made = 0;

function database(journal: 'delete' | 'wal' = 'delete'): string {
  const file = path.join(folder, `pins-${++made}.db`);
  const code = `import sqlite3, sys; db = sqlite3.connect(sys.argv[1]); db.execute("pragma journal_mode=${journal}"); db.execute("create table pins(cid)"); db.commit()`;
  assert.equal(spawnSync(testPython(), ['-c', code, file]).status, 0);
  return file;
}

/** Calls `run` while a Python process has executed `code` with `db`; the process has ended when this returns. */
async function whilePython<T>(file: string, code: string, run: (pid: number) => Promise<T>): Promise<T> {
  const whole = `import sqlite3, sys; db = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=60); ${code}; print("ready", flush=True); sys.stdin.read()`;
  const child = spawn(testPython(), ['-c', whole, file], { stdio: ['pipe', 'pipe', 'inherit'] });
  try {
    await once(createInterface({ input: child.stdout }), 'line');
    return await run(child.pid ?? 0);
  } finally {
    child.stdin.end();
    await once(child, 'exit');
  }
}

describe('the locks on a database', needs('/proc'), () => {
  it('are free if no process has it open', async () => {
    assert.deepEqual(await lockHolders([database(), path.join(folder, 'missing.db')]), {
      state: 'free',
      pids: [],
      probable: false,
    });
  });

  it('are not looked up without a database', async () => {
    assert.equal((await lockHolders([], '/nowhere')).state, 'free');
  });

  it('name the process that writes, and are free when it has ended', async () => {
    const file = database();
    await whilePython(file, 'db.execute("begin immediate")', async (pid) => {
      assert.deepEqual(await lockHolders([database(), file]), { state: 'held', pids: [pid], probable: false });
    });
    assert.equal((await lockHolders([file])).state, 'free');
  });

  it('name the process that has a WAL database open, by its -shm file, through a link too', async () => {
    const file = database('wal');
    const link = path.join(folder, 'link.db');
    symlinkSync(file, link);
    await whilePython(file, 'db.execute("begin"); db.execute("select * from pins").fetchall()', async (pid) => {
      assert.deepEqual((await lockHolders([link])).pids, [pid]);
    });
  });

  it("don't name a process that only has it open", async () => {
    const file = database();
    await whilePython(file, 'db.execute("select * from pins").fetchall()', async () => {
      assert.equal((await lockHolders([file])).state, 'free');
    });
  });

  it('are unknown where the system has no such list', async () => {
    assert.equal((await lockHolders([database()], path.join(folder, 'no-list'))).state, 'unknown');
  });

  describe('in a list', () => {
    const list = (...lines: string[]): string => {
      const file = path.join(folder, `list-${++made}`);
      writeFileSync(file, lines.map((line, at) => `${at + 1}: ${line}\n`).join(''));
      return file;
    };
    const device = (file: string): string => {
      const dev = BigInt(statSync(file).dev);
      const two = (value: bigint): string => value.toString(16).padStart(2, '0');
      return `${two((dev >> 8n) & 0xfffn)}:${two((dev & 0xffn) | ((dev >> 12n) & 0xfff00n))}`;
    };

    it("don't count for processes that wait for them", async () => {
      const file = database();
      const { ino } = statSync(file);
      const waiting = list(`-> POSIX  ADVISORY  WRITE 4711 ${device(file)}:${ino} 0 EOF`);
      assert.equal((await lockHolders([file], waiting)).state, 'free');
    });

    it('count without a name if their process is in another namespace', async () => {
      const file = database();
      const { ino } = statSync(file);
      const foreign = list(
        `OFDLCK ADVISORY  READ -1 ${device(file)}:${ino} 0 EOF`,
        `POSIX  ADVISORY  WRITE 0 ${device(file)}:${ino} 0 EOF`,
      );
      assert.deepEqual(await lockHolders([file], foreign), { state: 'held', pids: [], probable: false });
    });

    it('are not those of another device with the same inode, unless that process has the file open', async () => {
      const file = database();
      const { ino } = statSync(file);
      assert.equal((await lockHolders([file], list(`POSIX ADVISORY WRITE ${process.pid} ff:ff:${ino} 0 EOF`))).state, 'free');
      await whilePython(file, 'db.execute("begin immediate")', async (pid) => {
        const otherNumber = list(`POSIX ADVISORY WRITE ${pid} ff:ff:${ino} 0 EOF`);
        assert.deepEqual(await lockHolders([file], otherNumber), { state: 'held', pids: [pid], probable: false });
      });
    });

    it('may contain invalid lines', async () => {
      assert.equal((await lockHolders([database()], list('', 'POSIX', 'x'.repeat(1000)))).state, 'free');
    });
  });
});
