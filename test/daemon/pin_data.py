"""Generates pins from a seed, with the 19 columns of ipfs_kit_py's table, and writes their database."""

from __future__ import annotations

import base64
import hashlib
import json
import random
import sqlite3
from pathlib import Path
from typing import Any, Iterator

Row = dict[str, Any]

COLUMNS = {
    "cid": "TEXT PRIMARY KEY",
    "name": "TEXT",
    "pin_type": "TEXT DEFAULT 'recursive'",
    "timestamp": "REAL",
    "size_bytes": "INTEGER",
    "access_count": "INTEGER DEFAULT 0",
    "last_accessed": "REAL",
    "vfs_path": "TEXT",
    "mount_point": "TEXT",
    "is_directory": "BOOLEAN DEFAULT 0",
    "storage_tiers": "TEXT",
    "primary_tier": "TEXT DEFAULT 'local'",
    "replication_factor": "INTEGER DEFAULT 1",
    "content_hash": "TEXT",
    "last_verified": "REAL",
    "integrity_status": "TEXT DEFAULT 'unverified'",
    "access_pattern": "TEXT",
    "hotness_score": "REAL DEFAULT 0",
    "predicted_access_time": "REAL",
}

WORDS = ["readme", "photos", "backup", "dataset", "песни", "日本語", "café", "model", "website", "archive"]
BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def cid_v0(digest: bytes) -> str:
    number = int.from_bytes(b"\x12\x20" + digest, "big")
    text = ""
    while number:
        number, rest = divmod(number, 58)
        text = BASE58[rest] + text
    return text


def cid_v1(digest: bytes, codec: int) -> str:
    body = bytes([1, codec, 0x12, 0x20]) + digest
    return "b" + base64.b32encode(body).decode().lower().rstrip("=")


def pins(count: int, seed: int) -> Iterator[Row]:
    """Yields the first `count` pins of a seed: 30% have no name, 20% no known size."""
    chance = random.Random(seed)
    for index in range(count):
        digest = hashlib.sha256(f"{seed}:{index}".encode()).digest()
        kind = chance.random()
        cid = cid_v1(digest, 0x70) if kind < 0.6 else cid_v1(digest, 0x55) if kind < 0.9 else cid_v0(digest)
        folder = f"/data/{chance.choice('abcdef')}/{index % 100}"
        pinned = 1_750_000_000 + chance.randrange(40_000_000) + 0.25 * (index % 4)
        yield {
            "cid": cid,
            "name": None if chance.random() < 0.3 else f"{chance.choice(WORDS)}-{index}",
            "pin_type": chance.choices(["recursive", "direct", "indirect"], [90, 8, 2])[0],
            "timestamp": pinned,
            "size_bytes": chance.choice([0, None]) if chance.random() < 0.2 else chance.randrange(1, 2 ** chance.randrange(4, 42)),
            "access_count": chance.randrange(50),
            "last_accessed": pinned + 3600 if chance.random() < 0.5 else None,
            "vfs_path": f"{folder}/file-{index}.bin" if chance.random() < 0.5 else None,
            "mount_point": "/data" if chance.random() < 0.2 else None,
            "is_directory": chance.random() < 0.3,
            "storage_tiers": '["local"]',
            "primary_tier": chance.choice(["local", "ipfs", "s3"]),
            "replication_factor": chance.randrange(1, 4),
            "content_hash": None,
            "last_verified": None,
            "integrity_status": chance.choice(["unverified", "verified"]),
            "access_pattern": None,
            "hotness_score": 0.0,
            "predicted_access_time": None,
        }


def load_pins(file: str) -> list[Row]:
    """Reads rows from a JSON file, for names that aren't generated; a missing field is None."""
    given = json.loads(Path(file).read_text("utf-8"))
    return [{name: row.get(name) for name in COLUMNS} for row in given]


TABLES = {
    "wide": ("pins", list(COLUMNS)),
    "cli": ("pins", ["cid", "name", "pin_type", "created_at"]),
    "enhanced_pins": ("enhanced_pins", ["cid", "size_bytes", "type", "name", "last_updated", "vfs_path", "mount_point", "primary_tier", "replication_factor", "integrity_status"]),
    "pin_cache": ("pin_cache", ["cid", "backend", "status", "created_at", "car_file_path", "size_bytes", "metadata"]),
}


def columns_of(shape: str) -> str:
    table, names = TABLES[shape]
    if shape == "wide":
        return ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())
    if table == "pin_cache":
        return "cid TEXT, backend TEXT, status TEXT, created_at TIMESTAMP, car_file_path TEXT, size_bytes INTEGER, metadata TEXT, PRIMARY KEY (cid, backend)"
    return ", ".join(f"{name}{' TEXT PRIMARY KEY' if name == 'cid' else ''}" for name in names)


def iso(seconds: float | None) -> str | None:
    from datetime import datetime, timezone

    return None if seconds is None else datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S")


def value_of(row: Row, name: str) -> Any:
    if name in row:
        return row[name]
    if name == "metadata":
        return json.dumps({"name": row["name"], "size_bytes": row["size_bytes"]}, ensure_ascii=False)
    return {"created_at": iso(row["timestamp"]), "type": row["pin_type"], "last_updated": row["timestamp"], "backend": "ipfs_local", "status": "stored"}.get(name)


def write_database(file: Path, rows: Iterator[Row] | list[Row], shape: str = "wide", pragmas: tuple[str, ...] = ()) -> sqlite3.Connection:
    """Writes the database and returns its open connection, with all rows committed."""
    file.parent.mkdir(parents=True, exist_ok=True)
    table, names = TABLES[shape]
    database = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    for pragma in pragmas:
        database.execute(f"PRAGMA {pragma}")
    database.execute(f"CREATE TABLE {table} ({columns_of(shape)})")
    database.execute("BEGIN")
    marks = ", ".join("?" * len(names))
    database.executemany(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})", ([value_of(row, name) for name in names] for row in rows))
    database.execute("COMMIT")
    return database
