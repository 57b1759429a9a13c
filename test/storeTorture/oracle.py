"""What Python's sqlite3 reads of a database once it has recovered it: a line with the file's path in, a line of JSON out.

The file is one that may be written to: recovery does. Values as [type, text].
"""

import json
import sqlite3
import sys


class Text(bytes):
    """Of a column of any type, told apart from a blob."""


def told(value):
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
        return {"columns": columns, "rows": [[told(value) for value in row] for row in db.execute("SELECT * FROM pins")]}
    except (sqlite3.Error, UnicodeDecodeError, OverflowError) as error:
        return {"error": f"{type(error).__name__}: {error}"}
    finally:
        db.close()


for line in sys.stdin:
    print(json.dumps(read(line.rstrip("\n"))), flush=True)
