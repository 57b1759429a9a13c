"""Writes the pins of a DuckDB database to standard output, as an Arrow stream.

Arguments: the database, a copy in a folder of its own; the names of the columns that are wanted (JSON), the most characters of a text, the most seconds to
take. When standard input ends, the process that started this one is gone: then the folder is deleted, and this process exits.
What goes wrong is one line of JSON on standard error: {"kind": …, "detail": …}, and exit status 3.
"""

import json
import os
import shutil
import signal
import sys
import threading

TABLES = ("pins", "enhanced_pins")
AS_IT_IS = {"BOOLEAN", "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "FLOAT", "DOUBLE"}
# Of the longest texts there are, a batch has a gigabyte.
ROWS_OF_A_BATCH = 4096
# DuckDB counts what its own operators take, and not what its functions do: a regular expression in a view took 11 GB.
MOST_MEMORY = 4 * 2**30
# The file is a copy, and may be anyone's: its views shall read no other file, fill no disk, and load nothing.
CONFIG = {
    "enable_external_access": "false",
    "temp_directory": "",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "lock_configuration": "true",
    "memory_limit": "1GB",
    "threads": "2",
}


# A macro in the file may have the name of any function, and is found first where that is not said in full.
LEFT = "system.main.left"
COLUMNS = "system.main.duckdb_columns"


def fail(kind, detail=""):
    # On a line of its own: DuckDB's progress bar has none.
    print("\n" + json.dumps({"kind": kind, "detail": str(detail)[:500]}), file=sys.stderr, flush=True)
    os._exit(3)


def load(module):
    try:
        return __import__(module)
    except ImportError:
        import site  # -I leaves out what the user has installed for themselves

        folder = site.getusersitepackages()
        if folder not in sys.path:
            sys.path.append(folder)
        try:
            return __import__(module)
        except ImportError as error:
            fail(f"no-{module}", error)


def quoted(name):
    return '"' + name.replace('"', '""') + '"'


def selected(name, kind, longest):
    if kind in AS_IT_IS or kind.startswith("TIMESTAMP"):
        return quoted(name)
    if kind == "DATE":
        return f"CAST({quoted(name)} AS TIMESTAMP) AS {quoted(name)}"
    text = quoted(name) if kind == "VARCHAR" else f"CAST({quoted(name)} AS VARCHAR)"
    return f"{LEFT}({text}, {longest}) AS {quoted(name)}"


def statement(database, name_of_database, wanted, longest):
    found = database.execute(
        f"SELECT table_name, column_name, data_type FROM {COLUMNS}() "
        "WHERE schema_name = 'main' AND database_name = ? AND NOT internal ORDER BY table_name, column_index",
        [name_of_database],
    ).fetchall()
    for name in TABLES:
        columns = [(table, column, kind) for table, column, kind in found if table.lower() == name]
        chosen = [(column, kind) for _, column, kind in columns if column.lower() in wanted]
        if any(column.lower() == "cid" for column, _ in chosen):
            return f"SELECT {', '.join(selected(column, kind, longest) for column, kind in chosen)} FROM main.{quoted(columns[0][0])}"
    return fail("no-pins-table")


def limit_memory():
    try:
        import resource
    except ImportError:  # Windows
        return
    try:
        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    except (ValueError, OSError):
        pass  # where less is allowed already, or the system knows no such limit


def follow_parent(folder):
    sys.stdin.buffer.read()
    shutil.rmtree(folder, ignore_errors=True)
    os._exit(3)


def main(file, wanted, longest, seconds):
    threading.Thread(target=follow_parent, args=(os.path.dirname(file),), daemon=True).start()
    # What modules print while they load must not come between the bytes of the stream.
    output = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    if hasattr(signal, "alarm"):
        signal.alarm(int(seconds))  # nobody may be left who would end it
    limit_memory()
    duckdb = load("duckdb")
    pyarrow = load("pyarrow")
    try:
        database = duckdb.connect(file, read_only=True, config=CONFIG)
    except Exception as error:
        fail("too-old" if "version number" in str(error) else "cannot-open", error)
    name = os.path.splitext(os.path.basename(file))[0]
    try:
        answer = database.execute(statement(database, name, set(json.loads(wanted)), int(longest)))
        reader = getattr(answer, "to_arrow_reader", None) or answer.fetch_record_batch
        batches = reader(ROWS_OF_A_BATCH)
        with pyarrow.ipc.new_stream(output, batches.schema) as stream:
            for batch in batches:
                stream.write_batch(batch)
        output.close()
    except BrokenPipeError:
        os._exit(3)
    except (MemoryError, duckdb.OutOfMemoryException) as error:
        fail("out-of-memory", error)
    except Exception as error:
        fail("cannot-read", error)
    os._exit(0)  # without the time that libraries take to leave


main(*sys.argv[1:])
