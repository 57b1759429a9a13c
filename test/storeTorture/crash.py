"""Writes a pin database and ends in the middle of a transaction, without closing anything.

python crash.py FILE MODE SEED [LINGER]

With LINGER it goes on writing until it is killed, after a line `ready`.
"""

import os
import random
import sqlite3
import sys

ROWS = 300


def main(file, mode, seed, linger=""):
    chance = random.Random(int(seed))
    db = sqlite3.connect(file, isolation_level=None)
    db.execute(f"PRAGMA page_size = {chance.choice((512, 1024, 4096, 65536))}")
    db.execute(f"PRAGMA auto_vacuum = {chance.choice((0, 0, 1, 2))}")
    db.execute(f"PRAGMA journal_mode = {mode}")
    db.execute(f"PRAGMA synchronous = {chance.choice(('OFF', 'NORMAL', 'FULL', 'EXTRA'))}")
    db.execute(f"PRAGMA wal_autocheckpoint = {chance.choice((0, 0, 5, 50, 1000))}")
    db.execute("CREATE TABLE pins(cid TEXT PRIMARY KEY, name TEXT, pin_type TEXT, size_bytes INTEGER)")
    if chance.random() < 0.5:
        db.execute("CREATE INDEX by_name ON pins(name)")
    db.execute("BEGIN")
    for n in range(ROWS):
        db.execute("INSERT INTO pins VALUES (?, ?, 'recursive', ?)", (f"bafy{n:04}", "old" * chance.randrange(60), n))
    db.execute("COMMIT")
    if linger:
        print("ready", flush=True)
    committed = 1_000_000 if linger else chance.randrange(6)
    for _ in range(committed):
        db.execute("BEGIN")
        change(db, chance, 20, "committed")
        db.execute("ROLLBACK" if chance.random() < 0.2 else "COMMIT")
        if mode == "WAL" and chance.random() < 0.4:
            db.execute(f"PRAGMA wal_checkpoint({chance.choice(('PASSIVE', 'FULL', 'RESTART', 'TRUNCATE'))})")
        if chance.random() < 0.05:
            db.execute("VACUUM")
    db.execute(f"PRAGMA cache_size = {chance.choice((1, 2, 5, 10))}")
    db.execute("BEGIN")
    change(db, chance, chance.choice((1, 50, 400)), "uncommitted")
    os._exit(0)


def change(db, chance, times, mark):
    for _ in range(times):
        cid = f"bafy{chance.randrange(ROWS):04}"
        what = chance.random()
        if what < 0.6:
            db.execute("UPDATE pins SET name = ? WHERE cid = ?", (mark + "n" * chance.randrange(900), cid))
        elif what < 0.8:
            db.execute("DELETE FROM pins WHERE cid = ?", (cid,))
        else:
            db.execute("INSERT OR REPLACE INTO pins VALUES (?, ?, 'direct', ?)", (cid, mark, chance.randrange(10**9)))


main(*sys.argv[1:])
