"""Writes small lists of pins as Arrow IPC in every form and compression, which the tests then damage: python bodies.py FOLDER.

A list has ten columns of the usual types (text, dictionaries, numbers, times, flags) with nulls, in three batches.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pyarrow as pa

CIDS = ["QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPaG8", "bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy"]
ROWS = 7
ROWS_OF_A_BATCH = 3


def column(values: list[object], kind: pa.DataType) -> pa.Array:
    return pa.array([values[at % len(values)] for at in range(ROWS)], kind)


def pins(text: pa.DataType) -> pa.Table:
    few = pa.dictionary(pa.int8(), pa.utf8())
    return pa.table(
        {
            "cid": column(CIDS, pa.utf8()).cast(text),
            "name": column(["readme", None, "日本語.txt", "x" * 40], pa.utf8()).cast(text),
            "size_bytes": column([1688, None, 2**60], pa.int64()),
            "pin_type": column(["recursive", "direct", None], few),
            "timestamp": column([1_795_408_997_123, None], pa.int64()).cast(pa.timestamp("ms")),
            "metadata": column(['{"name": "from metadata"}', None], pa.utf8()).cast(text),
            "backend": column(["ipfs", "s3"], few),
            "replication_factor": column([1, None, 3], pa.int32()),
            "verified": column([True, False, None], pa.bool_()),
            "last_access": column([1_795_408_997.25, None, 0.0], pa.float64()),
        }
    )


def write(file: Path, table: pa.Table, compression: str | None) -> None:
    make = pa.ipc.new_file if file.suffix == ".arrow" else pa.ipc.new_stream
    with pa.OSFile(str(file), "wb") as sink, make(sink, table.schema, options=pa.ipc.IpcWriteOptions(compression=compression)) as writer:
        for batch in table.to_batches(max_chunksize=ROWS_OF_A_BATCH):
            writer.write_batch(batch)


def main(folder: str) -> None:
    for packing in ("plain", "lz4", "zstd"):
        for end in ("stream.arrows", "file.arrow"):
            write(Path(folder) / f"{packing}.{end}", pins(pa.utf8()), None if packing == "plain" else packing)
    write(Path(folder) / "large.stream.arrows", pins(pa.large_utf8()), None)
    write(Path(folder) / "view.stream.arrows", pins(pa.string_view()), None)


main(*sys.argv[1:])
