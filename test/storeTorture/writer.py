"""Writes a pin database until it is killed. Each transaction gives every row the same new generation and moves bytes between rows.

python writer.py FILE MODE SEED

It prints a line `<generation>` after each commit. Even generations have ten more rows. Transactions that are rolled back use the generation 99999999.
"""

import random
import sqlite3
import sys
import time

ROWS = 400
EXTRA = 10
ROLLED_BACK = 99_999_999


def main(file, mode, seed):
    chance = random.Random(int(seed))
    db = sqlite3.connect(file, isolation_level=None)
    db.execute(f"PRAGMA page_size = {chance.choice((512, 1024, 4096, 16384))}")
    db.execute(f"PRAGMA journal_mode = {mode}")
    db.execute(f"PRAGMA synchronous = {chance.choice(('OFF', 'NORMAL'))}")
    db.execute(f"PRAGMA wal_autocheckpoint = {chance.choice((0, 60, 60, 1000))}")
    db.execute("CREATE TABLE pins(cid TEXT PRIMARY KEY, name TEXT, pin_type TEXT, size_bytes INTEGER)")
    db.execute("CREATE INDEX by_name ON pins(name)")
    generation = 0
    turn = 0
    while True:
        turn += 1
        db.execute(f"PRAGMA cache_size = {2 if turn % 7 == 0 else 500}")
        db.execute("BEGIN IMMEDIATE")
        if turn == 1:
            db.executemany("INSERT INTO pins VALUES (?, '', 'recursive', 1000)", ((f"bafy{n:04}",) for n in range(ROWS)))
        rolled_back = turn % 5 == 4
        wanted = ROLLED_BACK if rolled_back else generation + 1
        for _ in range(5):
            one, other = chance.sample(range(ROWS), 2)
            moved = chance.randrange(1, 50)
            db.execute("UPDATE pins SET size_bytes = size_bytes + ? WHERE cid = ?", (moved, f"bafy{one:04}"))
            db.execute("UPDATE pins SET size_bytes = size_bytes - ? WHERE cid = ?", (moved, f"bafy{other:04}"))
        row = db.execute("SELECT * FROM pins WHERE cid = ?", (f"bafy{one:04}",)).fetchone()
        db.execute("DELETE FROM pins WHERE cid = ?", (row[0],))
        db.execute("INSERT INTO pins VALUES (?, ?, ?, ?)", row)
        db.execute("DELETE FROM pins WHERE size_bytes IS NULL")
        if wanted % 2 == 0:
            db.executemany("INSERT INTO pins VALUES (?, '', 'recursive', NULL)", ((f"extra{n}",) for n in range(EXTRA)))
        db.execute("UPDATE pins SET name = ?", (f"generation {wanted:08} " + "x" * chance.randrange(150),))
        if chance.random() < 0.1:
            time.sleep(0.012)  # gives a reader time to read during the transaction
        if rolled_back:
            db.execute("ROLLBACK")
        else:
            db.execute("COMMIT")
            generation = wanted
            print(generation, flush=True)
        if mode == "WAL" and chance.random() < 0.3:
            db.execute(f"PRAGMA wal_checkpoint({chance.choice(('PASSIVE', 'FULL', 'RESTART', 'TRUNCATE'))})")
        if chance.random() < 0.02:
            if mode != "WAL":  # VACUUM can't change the page size of a WAL database
                db.execute(f"PRAGMA page_size = {chance.choice((512, 1024, 4096, 65536))}")
            db.execute("VACUUM")
        if seed_is_lazy(chance):
            time.sleep(chance.choice((0, 0.002, 0.01, 0.02)))


def seed_is_lazy(chance):
    return chance.random() < 0.8


main(*sys.argv[1:])
