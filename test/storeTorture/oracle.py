"""Reads databases by Python's sqlite3, which recovers them: one line with the file's path in, one line of JSON out.

The recovery writes to the file. Values are [type, text].
"""

import json
import sqlite3
import sys


class Text(bytes):
    """A text value, as opposed to a blob."""


def typed(value):
    if value is None:
        return None
    if isinstance(value, Text):
        return ["text", value.decode("utf-8", "replace")]
    if isinstance(value, bytes):
        return ["blob", value.hex()]
    return [type(value).__name__, repr(value) if isinstance(value, float) else str(value)]


def read(file):
    db = sqlite3.connect(file, timeout=0)
    try:
        db.text_factory = Text
        columns = [row[1].decode("utf-8", "replace") for row in db.execute("PRAGMA table_info(pins)")]
        return {"columns": columns, "rows": [[typed(value) for value in row] for row in db.execute("SELECT * FROM pins")]}
    except (sqlite3.Error, UnicodeDecodeError, OverflowError) as error:
        return {"error": f"{type(error).__name__}: {error}"}
    finally:
        db.close()


for line in sys.stdin:
    print(json.dumps(read(line.rstrip("\n"))), flush=True)
