"""Writes pins as Arrow IPC in every form, schema and encoding that a writer may use."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Iterator

import pyarrow as pa

from pin_data import COLUMNS, Row

SIZES = {"size_bytes": pa.int64(), "access_count": pa.int32(), "replication_factor": pa.int32()}
DOUBLES = {"timestamp", "last_accessed", "last_verified", "hotness_score", "predicted_access_time"}


@dataclass(frozen=True)
class ArrowOptions:
    form: str = "stream"
    batches: int = 1
    schema: str = "19"
    compression: str = "none"
    strings: str = "utf8"
    time_unit: str = "s"


def text_type(strings: str) -> pa.DataType:
    return {
        "utf8": pa.utf8(),
        "large_utf8": pa.large_utf8(),
        "utf8_view": pa.string_view(),
        "dictionary": pa.dictionary(pa.int32(), pa.utf8()),
    }[strings]


def text_column(values: list[Any], strings: str) -> pa.Array:
    plain = pa.array(values, pa.utf8())
    return plain.dictionary_encode() if strings == "dictionary" else plain.cast(text_type(strings))


def time_column(values: list[float | None], unit: str) -> pa.Array:
    def scaled(value: float) -> int:
        millis = round(value * 1000)  # exact: the generated times are quarters of a second
        return millis // 1000 if unit == "s" else millis * {"ms": 1, "us": 10**3, "ns": 10**6}[unit]

    return pa.array([None if value is None else scaled(value) for value in values], pa.int64()).cast(pa.timestamp(unit))


def table_of(rows: list[Row], options: ArrowOptions) -> pa.Table:
    def column(name: str) -> list[Any]:
        return [row[name] for row in rows]

    if options.schema == "minimal":
        return pa.table({"cid": text_column(column("cid"), options.strings)})
    if options.schema == "10":
        return pa.table(
            {
                "cid": text_column(column("cid"), options.strings),
                "name": text_column(column("name"), options.strings),
                "size_bytes": pa.array(column("size_bytes"), pa.int64()),
                "pin_type": text_column(column("pin_type"), options.strings),
                "timestamp": time_column(column("timestamp"), options.time_unit),
                "metadata": text_column([json.dumps({"tier": tier}) for tier in column("primary_tier")], options.strings),
                "backend": text_column(column("primary_tier"), options.strings),
                "replication_factor": pa.array(column("replication_factor"), pa.int32()),
                "verified": pa.array([value == "verified" for value in column("integrity_status")], pa.bool_()),
                "last_access": time_column(column("last_accessed"), options.time_unit),
            }
        )
    arrays = {name: wide_column(name, column(name), options.strings) for name in COLUMNS}
    if options.schema == "extra":
        arrays = {"peers": pa.array([["a", "b"]] * len(rows), pa.list_(pa.utf8())), "origin": pa.array([{"a": 1}] * len(rows)), **arrays}
    return pa.table(arrays)


def wide_column(name: str, values: list[Any], strings: str) -> pa.Array:
    if name in SIZES:
        return pa.array(values, SIZES[name])
    if name in DOUBLES:
        return pa.array(values, pa.float64())
    if name == "is_directory":
        return pa.array(values, pa.bool_())
    return text_column(values, strings)


class Pieces:
    """A sink whose take() returns what was written since the last call."""

    closed = False

    def __init__(self) -> None:
        self.pieces: list[bytes] = []

    def write(self, data: Any) -> int:
        self.pieces.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        pass

    def take(self) -> bytes:
        taken = b"".join(self.pieces)
        self.pieces.clear()
        return taken


def body_pieces(table: pa.Table, options: ArrowOptions) -> Iterator[bytes]:
    """Yields the schema, then each batch as it is written, then the end of the body."""
    sink = Pieces()
    compression = None if options.compression == "none" else options.compression
    make = pa.ipc.new_file if options.form == "file" else pa.ipc.new_stream
    size = max(1, -(-table.num_rows // max(1, options.batches)))
    with make(sink, table.schema, options=pa.ipc.IpcWriteOptions(compression=compression)) as writer:
        yield sink.take()
        for batch in table.combine_chunks().to_batches(max_chunksize=size):
            writer.write_batch(batch)
            yield sink.take()
    yield sink.take()
