"""Measures pyarrow with the same body on one thread: `measure_pyarrow.py FILE` prints, as JSON, the least wall-clock and processor time of each operation in ms."""

import json
import sys
import time

import pyarrow as pa
import pyarrow.compute as pc


def least(work, turns=9):
    took, cpu = [], []
    for _ in range(turns):
        before, started = time.perf_counter(), time.process_time()
        work()
        cpu.append((time.process_time() - started) * 1000)
        took.append((time.perf_counter() - before) * 1000)
    return {"ms": min(took), "cpuMs": min(cpu)}


with open(sys.argv[1], "rb") as file:
    body = pa.py_buffer(file.read())
pa.set_cpu_count(1)


def read():
    table = pa.ipc.open_stream(body).read_all()
    table.validate(full=True)
    return table


table = read()
text = lambda: [pc.match_substring(table[name], "no pin holds this", ignore_case=True) for name in ("cid", "name", "vfs_path")]
print(
    json.dumps(
        {
            "read": least(read),
            "search": least(text, 2),
            "time": least(lambda: pc.sort_indices(table, sort_keys=[("timestamp", "ascending")])),
            "name": least(lambda: pc.sort_indices(table, sort_keys=[("name", "ascending")])),
            "newest": least(lambda: pc.select_k_unstable(table, 200, sort_keys=[("timestamp", "descending")])),
            "type": least(lambda: table.group_by("pin_type", use_threads=False).aggregate([("size_bytes", "sum"), ([], "count_all")])),
        }
    )
)
