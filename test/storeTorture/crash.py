"""Leaves a database as a writer that crashes during its work.

    python crash.py FILE MODE SCENARIO SEED              the writer kills itself
    python crash.py FILE MODE stopped SEED FOLDER COUNT  stops a writer COUNT times at random moments, and copies its files each time

The files of a stopped process are the same as if it had been killed at that moment. The seed determines page size, sector size, synchronous level,
auto_vacuum and exclusive locking.
"""
import ctypes
import os
import random
import resource
import shutil
import signal
import sqlite3
import sys
import threading
import time

file, mode, scenario, seed = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
SIDES = ('', '-wal', '-shm', '-journal')
chance = random.Random(f'{mode} {scenario} {seed}')


class Writer:
    def __init__(self):
        # Without powersafe overwrite, SQLite assumes sectors of 4,096 bytes instead of 512 (sqlite.org/psow.html).
        self.db = sqlite3.connect(f'file:{file}?psow={chance.choice((0, 1))}', uri=True, isolation_level=None, check_same_thread=False)
        self.number = 0
        run = self.run = self.db.execute
        run(f'PRAGMA page_size = {chance.choice((512, 512, 1024, 4096, 65536))}')
        run(f'PRAGMA auto_vacuum = {chance.choice((0, 0, 1, 2))}')
        run(f'PRAGMA locking_mode = {chance.choice(("NORMAL", "NORMAL", "EXCLUSIVE"))}')
        run(f'PRAGMA journal_mode = {mode}')
        run(f'PRAGMA synchronous = {chance.choice(("OFF", "NORMAL", "FULL", "EXTRA"))}')
        run(f'PRAGMA wal_autocheckpoint = {chance.choice((0, 0, 5, 50, 1000))}')
        if mode == 'PERSIST' and chance.random() < 0.3:
            run('PRAGMA journal_size_limit = 4096')
        run('BEGIN')
        run('CREATE TABLE pins(cid TEXT PRIMARY KEY, name TEXT, pin_type TEXT, size_bytes INTEGER)')
        if chance.random() < 0.5:
            run('CREATE INDEX by_name ON pins(name)')
        self.insert(chance.randrange(200, 500))
        run('COMMIT')
        run('PRAGMA cache_size = 5')
        for _ in range(chance.randrange(4)):
            self.transaction(chance.choice(('COMMIT', 'COMMIT', 'ROLLBACK')))

    def text(self):
        return ''.join(chance.choices('abcdefghij', k=chance.choice((5, 40, 300))))

    def insert(self, count):
        for _ in range(count):
            self.number += 1
            self.run('INSERT INTO pins VALUES (?, ?, ?, ?)', (f'bafy{self.number:06}', self.text(), 'recursive', chance.randrange(10**6)))

    def change(self):
        """Changes more pages than the cache holds, so that they spill into the files."""
        for _ in range(chance.randrange(1, 5)):
            what = chance.randrange(6)
            if what == 0:
                self.run('UPDATE pins SET name = ? || cid', (self.text(),))
            elif what == 1:
                self.run('DELETE FROM pins WHERE rowid % ? = 0', (chance.randrange(3, 9),))
            elif what == 2:
                self.insert(chance.randrange(300))
            elif what == 3:
                self.run('UPDATE pins SET size_bytes = size_bytes + 1, name = substr(name, 2) WHERE rowid % 3 = ?', (chance.randrange(3),))
            elif what == 4:
                for _ in range(30):
                    cid = f'bafy{chance.randrange(self.number):06}'
                    self.run('INSERT OR REPLACE INTO pins VALUES (?, ?, ?, ?)', (cid, self.text() * 3, 'direct', 1))
            else:
                self.run('SAVEPOINT inner')
                self.run('UPDATE pins SET name = ? || name', (self.text(),))
                self.run(chance.choice(('ROLLBACK TO inner', 'RELEASE inner')))

    def transaction(self, end):
        self.run('BEGIN')
        self.change()
        self.run(end)

    def checkpoint(self):
        self.run('PRAGMA wal_checkpoint(' + chance.choice(('PASSIVE', 'FULL', 'RESTART', 'TRUNCATE')) + ')')

    def work(self):
        """Writes until the process is ended."""
        while True:
            self.transaction(chance.choice(('COMMIT', 'COMMIT', 'COMMIT', 'ROLLBACK')))
            if mode == 'WAL' and chance.random() < 0.4:
                self.checkpoint()
            if chance.random() < 0.1:
                self.run('VACUUM')
            if self.run('SELECT count(*) FROM pins').fetchone()[0] < 100:
                self.insert(300)


def die():
    os.kill(os.getpid(), signal.SIGKILL)


def spilled(writer):
    writer.run('BEGIN')
    writer.change()


def after_rollback(writer):
    writer.transaction('ROLLBACK')


def at_any_moment(writer):
    threading.Timer(chance.uniform(0, 0.2), die).start()
    writer.work()


def in_a_statement(writer):
    writer.db.set_progress_handler(die, chance.randrange(1, 60_000))
    writer.work()


def at_a_byte(writer):
    """Lets the system end the process at a file size limit: within a record of the journal, a frame of the log, or a page of the file."""
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    limit = chance.choice([os.path.getsize(file + side) for side in SIDES if os.path.exists(file + side)]) + chance.randrange(40_000)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    threading.Timer(1, die).start()
    writer.work()


def segments(writer):
    """Syncs the journal each time that pages must be written to the file, and begins a new segment behind it."""
    writer.run('PRAGMA synchronous = FULL')
    writer.run('BEGIN')
    for row in range(1, writer.number, chance.randrange(2, 9)):
        writer.run('UPDATE pins SET name = ? WHERE rowid = ?', (writer.text(), row))


def grown_and_shrunk(writer):
    writer.run('BEGIN')
    writer.insert(800)
    writer.run('DELETE FROM pins WHERE rowid % 4 <> 0')
    writer.run('PRAGMA incremental_vacuum')


def after_reset(writer):
    """Leaves frames of an older run behind the new ones."""
    for _ in range(3):
        writer.transaction('COMMIT')
    writer.run('PRAGMA wal_checkpoint(RESTART)')
    writer.run("UPDATE pins SET name = 'new' WHERE rowid = 7")
    if chance.random() < 0.5:
        spilled(writer)


def unmerged(writer):
    """Leaves committed frames that aren't merged, and behind them those of a transaction that has spilled."""
    writer.run('PRAGMA wal_autocheckpoint = 0')
    writer.transaction('COMMIT')
    spilled(writer)


def in_a_checkpoint(writer):
    for _ in range(4):
        writer.transaction('COMMIT')
    threading.Timer(chance.uniform(0, 0.01), die).start()
    while True:
        writer.checkpoint()
        writer.transaction('COMMIT')


SCENARIOS = {each.__name__: each for each in (
    spilled, after_rollback, at_any_moment, in_a_statement, at_a_byte, segments, grown_and_shrunk, after_reset, unmerged, in_a_checkpoint)}


def stop_often(folder, count):
    child = os.fork()
    if child == 0:
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG, since a stopped writer would outlive this process
        writer = Writer()
        open(file + '.ready', 'w').close()
        writer.work()
    try:
        while not os.path.exists(file + '.ready'):
            time.sleep(0.005)
        for index in range(count):
            time.sleep(chance.uniform(0, 0.04))
            os.kill(child, signal.SIGSTOP)
            os.waitpid(child, os.WUNTRACED)
            copy = os.path.join(folder, f'{index}')
            os.mkdir(copy)
            for side in SIDES:
                if os.path.exists(file + side):
                    shutil.copyfile(file + side, os.path.join(copy, 'pins.db' + side))
            os.kill(child, signal.SIGCONT)
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


if scenario == 'stopped':
    stop_often(sys.argv[5], int(sys.argv[6]))
else:
    SCENARIOS[scenario](Writer())
    die()
