"""Reads a body or a database by pyarrow, duckdb or Python's sqlite3, independently of IPFS Kit, and prints its pins in IPFS Kit's form.

python oracle.py arrow|sqlite|parquet|duckdb FILE
"""

from __future__ import annotations

import json
import sqlite3
import sys
from datetime import datetime, timedelta, timezone
from typing import Any, Iterable

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
Row = dict[str, Any]


def arrow_rows(file: str) -> list[Row]:
    import pyarrow as pa

    with open(file, "rb") as source:
        body = source.read()
    reader = pa.ipc.open_file(body) if body.startswith(b"ARROW1") else pa.ipc.open_stream(body)
    table = reader.read_all()
    table.validate(full=True)
    return table.to_pylist()


def sqlite_rows(file: str) -> list[Row]:
    database = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
    database.row_factory = sqlite3.Row
    tables = {name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')")}
    table = next(name for name in ("pins", "enhanced_pins", "pin_cache") if name in tables)
    rows = [dict(row) for row in database.execute(f"SELECT * FROM {table}")]
    return rows if table != "pin_cache" else list(by_cid(rows))


def by_cid(rows: Iterable[Row]) -> Iterable[Row]:
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(row["cid"], []).append(row)
    for cid, group in groups.items():
        backends = sorted(row["backend"] for row in group)
        yield {
            "cid": cid,
            "backend": ", ".join(backends),
            "created_at": min((row["created_at"] for row in group if row["created_at"]), default=None),
            "size_bytes": max((row["size_bytes"] for row in group if row["size_bytes"]), default=None),
            "metadata": max((row["metadata"] for row in group if row["metadata"]), default=None),
            "replicas": len(group),
        }


def parquet_rows(file: str) -> list[Row]:
    import pyarrow.parquet as pq

    return pq.ParquetFile(file).read().to_pylist()


def duckdb_rows(file: str) -> list[Row]:
    """Opens the file for writing, so pass a copy."""
    import duckdb

    database = duckdb.connect(file)
    tables = {name for (name,) in database.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
    answer = database.execute(f"SELECT * FROM {next(name for name in ('pins', 'enhanced_pins') if name in tables)}")
    names = [name for name, *_ in answer.description]
    return [dict(zip(names, row)) for row in answer.fetchall()]


def first(row: Row, *names: str) -> Any:
    return next((row[name] for name in names if name in row), None)


def when(value: Any) -> str | None:
    if value in (None, 0, "", False):
        return None
    if isinstance(value, (int, float)):
        time = EPOCH + timedelta(seconds=value)
    else:
        time = value if isinstance(value, datetime) else datetime.fromisoformat(str(value).replace("Z", "+00:00"))
        time = time if time.tzinfo else time.replace(tzinfo=timezone.utc)
    return time.astimezone(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def flag(value: Any, yes: str, no: str) -> Any:
    return value if not isinstance(value, bool) else yes if value else no


def pin(row: Row) -> Row:
    metadata = json.loads(row["metadata"]) if isinstance(row.get("metadata"), str) else {}
    size = first(row, "size_bytes", "file_size", "size") or metadata.get("size_bytes")
    fields = {
        "cid": row["cid"],
        "name": row.get("name") or metadata.get("name"),
        "type": flag(first(row, "pin_type", "type", "recursive"), "recursive", "direct"),
        "status": row.get("status"),
        "sizeBytes": None if not size else size if size < 2**53 else str(size),
        "pinnedAt": when(first(row, "timestamp", "created_at", "pinned_at", "last_updated")),
        "vfsPath": row.get("vfs_path"),
        "mountPoint": row.get("mount_point"),
        "tier": first(row, "primary_tier", "storage_tier"),
        "replicas": first(row, "replication_factor", "replication_count", "replicas"),
        "backend": row.get("backend"),
        "integrity": flag(first(row, "integrity_status", "verified"), "verified", "unverified"),
        "lastAccessed": when(first(row, "last_accessed", "last_access")),
    }
    return {name: whole(value) for name, value in fields.items() if value not in (None, "")}


def whole(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def main(kind: str, file: str) -> None:
    rows = {"arrow": arrow_rows, "sqlite": sqlite_rows, "parquet": parquet_rows, "duckdb": duckdb_rows}[kind](file)
    print(json.dumps([pin(row) for row in rows if row.get("cid")]))


main(*sys.argv[1:])
