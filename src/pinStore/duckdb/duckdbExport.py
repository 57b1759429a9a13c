"""Writes the pins of a DuckDB database to standard output, as an Arrow stream.

Arguments: the database, a copy in a separate folder; the names of the wanted columns (JSON), the most characters of a text, the time limit in seconds.
The end of standard input means that the process that started this one has ended: then the folder is deleted, and this process exits.
An error is one line of JSON on standard error, {"kind": …, "detail": …}, with exit status 3.
"""

import json
import os
import shutil
import signal
import sys
import threading

TABLES = ("pins", "enhanced_pins")
AS_IT_IS = {"BOOLEAN", "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "FLOAT", "DOUBLE"}
# With the longest possible texts, a batch has a gigabyte.
ROWS_OF_A_BATCH = 4096
# DuckDB counts the memory of its operators, but not of its functions: a regular expression in a view took 11 GB.
MOST_MEMORY = 4 * 2**30
# The file is a copy, and may come from anyone: its views must not read other files, fill the disk or load anything.
CONFIG = {
    "enable_external_access": "false",
    "temp_directory": "",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "lock_configuration": "true",
    "memory_limit": "1GB",
    "threads": "2",
}


# A macro in the file may have the name of any function, and has precedence over an unqualified name.
LEFT = "system.main.left"
COLUMNS = "system.main.duckdb_columns"


def fail(kind, detail=""):
    # On a separate line, because the progress bar of DuckDB does not end its line.
    print("\n" + json.dumps({"kind": kind, "detail": str(detail)[:500]}), file=sys.stderr, flush=True)
    os._exit(3)


def load(module):
    try:
        return __import__(module)
    except ImportError:
        import site  # -I leaves out the packages of "pip install --user"

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
        pass  # a lower limit is set already, or the system does not have this limit


def follow_parent(folder):
    sys.stdin.buffer.read()
    shutil.rmtree(folder, ignore_errors=True)
    os._exit(3)


def main(file, wanted, longest, seconds):
    threading.Thread(target=follow_parent, args=(os.path.dirname(file),), daemon=True).start()
    # The output of modules while they are imported must not end up in the stream.
    output = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    if hasattr(signal, "alarm"):
        signal.alarm(int(seconds))  # the parent may be gone, so that no process would end this one
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
    os._exit(0)  # skips the exit handlers of libraries, which take time


main(*sys.argv[1:])
