"""Reads damaged bodies by pyarrow with full validation: one line of JSON in, one line of JSON out.

In: {"file": PATH, "cut": LENGTH} or {"file": PATH, "at": OFFSET, "xor": MASK}. Out: {"error": TEXT} if there is no table; otherwise
{"columns": NAMES, "invalid": INDEXES of the columns that the validation rejects, "rows": cells as [kind, text], null, or "other"}.
"""

from __future__ import annotations

import json
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa

Cell = list[str] | str | None


@cache
def bytes_of(file: str) -> bytes:
    return Path(file).read_bytes()


def damaged(file: str, cut: int | None = None, at: int = 0, xor: int = 0) -> bytes:
    body = bytearray(bytes_of(file))
    if cut is not None:
        return bytes(body[:cut])
    body[at] ^= xor
    return bytes(body)


def name_of(field: pa.Field) -> str:
    try:
        return field.name
    except UnicodeDecodeError:
        return "\ufffd"


def is_text(kind: pa.DataType) -> bool:
    value_kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    return pa.types.is_string(value_kind) or pa.types.is_large_string(value_kind) or pa.types.is_string_view(value_kind)


def cells(column: pa.ChunkedArray) -> list[Cell]:
    kind = column.type
    value_kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    if pa.types.is_null(value_kind):
        return [None] * len(column)
    if pa.types.is_timestamp(kind):
        return [None if value is None else [f"time {kind.unit}", str(value)] for value in column.cast(pa.int64()).to_pylist()]
    if is_text(kind):
        return [None if value is None else ["text", value] for value in column.to_pylist()]
    if pa.types.is_integer(kind) or pa.types.is_boolean(kind):
        return [None if value is None else [type(value).__name__, str(value)] for value in column.to_pylist()]
    if pa.types.is_floating(kind):
        return [None if value is None else ["float", repr(float(value))] for value in column.to_pylist()]
    return ["other"] * len(column)


def answer(**damage: Any) -> dict[str, Any]:
    try:
        body = damaged(**damage)
        table = (pa.ipc.open_file(body) if body.startswith(b"ARROW1") else pa.ipc.open_stream(body)).read_all()
        names = [name_of(field) for field in table.schema]
        invalid, columns = [], []
        # pyarrow would decode the column names again, which may be invalid UTF-8.
        for place, column in enumerate(table.rename_columns([str(at) for at in range(len(names))]).columns):
            try:
                column.validate(full=True)
                columns.append(cells(column))
            except (pa.ArrowException, UnicodeDecodeError):
                # A pin ignores metadata that isn't text, so only its name counts.
                if names[place].lower() != "metadata" or is_text(column.type):
                    invalid.append(place)
                columns.append(["other"] * table.num_rows)
        return {"columns": names, "invalid": invalid, "rows": list(zip(*columns))}
    except Exception as error:  # any exception means that there are no rows
        return {"error": f"{type(error).__name__}: {error}"[:200]}


for line in sys.stdin:
    print(json.dumps(answer(**json.loads(line))), flush=True)
