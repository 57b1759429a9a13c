"""Writes a list of COUNT pins as the test daemon sends it: `make.py DAEMON COUNT SCHEMA FILE`, with SCHEMA `19`, `10`, `stream` (19 columns in 16 batches) or `json`."""

import json
import os
import sys

_, daemon, count, schema, file = sys.argv
sys.path.insert(0, daemon)

from arrow_bodies import ArrowOptions, body_pieces, table_of  # noqa: E402
from pin_data import pins  # noqa: E402

rows = list(pins(int(count), 1))
with open(file + ".part", "wb") as out:
    if schema == "json":
        for index, row in enumerate(rows):
            known = {name: value for name, value in row.items() if value is not None}
            out.write((("," if index else "[") + json.dumps(known, separators=(",", ":"))).encode())
        out.write(b"]")
    else:
        options = ArrowOptions(schema="19", batches=16) if schema == "stream" else ArrowOptions(schema=schema, time_unit="ms")
        for piece in body_pieces(table_of(rows, options), options):
            out.write(piece)
os.replace(file + ".part", file)
