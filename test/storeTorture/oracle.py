"""What Python's sqlite3 reads of a database once it has recovered it: a line with the file's path in, a line of JSON out.

The file is one that may be written to: recovery does. Values as [type, text].
"""

import json
import sqlite3
import sys


def told(value):
    if value is None:
        return None
    if isinstance(value, bytes):
        return ["text", value.decode("utf-8", "replace")]
    return [type(value).__name__, repr(value) if isinstance(value, float) else str(value)]


def read(file):
    db = sqlite3.connect(file, timeout=0)
    try:
        db.text_factory = bytes
        columns = [row[1].decode() for row in db.execute("PRAGMA table_info(pins)")]
        kinds = ", ".join(f"typeof({column}) = 'blob'" for column in columns)
        rows = []
        for row in db.execute(f"SELECT *, {kinds} FROM pins" if columns else "SELECT * FROM pins"):
            values, blobs = row[: len(columns)], row[len(columns) :]
            rows.append([["blob", value.hex()] if blob else told(value) for value, blob in zip(values, blobs)])
        return {"columns": columns, "rows": rows}
    except (sqlite3.Error, UnicodeDecodeError, OverflowError) as error:
        return {"error": f"{type(error).__name__}: {error}"}
    finally:
        db.close()


for line in sys.stdin:
    print(json.dumps(read(line.rstrip("\n"))), flush=True)
