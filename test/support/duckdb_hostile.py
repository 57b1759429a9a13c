"""Writes a DuckDB database as an attacker would. Arguments: the file, a JSON list of statements, and a JSON map of texts to replacements of the same length.

Replacing a text in the file, and correcting the checksum of its block, avoids the checks that DuckDB makes when a view is created but not when it is read.
"""

import json
import struct
import sys

import duckdb

FIRST_BLOCK = 3 * 4096
BLOCK = 262_144
# A block begins with a checksum: its 64-bit words, each multiplied by this factor, combined by XOR (checksum.cpp of DuckDB).
FACTOR = 0xBF58476D1CE4E5B9


def hashed(data, start, end):
    total = 0
    for at in range(start, end, 8):
        total ^= struct.unpack_from("<Q", data, at)[0] * FACTOR & (2**64 - 1)
    return total


def replace(data, old, new):
    assert len(old) == len(new) and old in data
    at = data.find(old)
    while at >= 0:
        block = FIRST_BLOCK + (at - FIRST_BLOCK) // BLOCK * BLOCK
        start, end = block + (at - block) // 8 * 8, block + (at + len(old) - block + 7) // 8 * 8
        (sum_of_block,) = struct.unpack_from("<Q", data, block)
        sum_of_block ^= hashed(data, start, end)
        data[at : at + len(old)] = new
        struct.pack_into("<Q", data, block, sum_of_block ^ hashed(data, start, end))
        at = data.find(old)


file, statements, texts = sys.argv[1], json.loads(sys.argv[2]), json.loads(sys.argv[3])
database = duckdb.connect(file, config={"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"})
for statement in statements:
    database.execute(statement)
database.close()
if texts:
    with open(file, "rb") as source:
        data = bytearray(source.read())
    for old, new in texts.items():
        replace(data, old.encode(), new.encode())
    with open(file, "wb") as target:
        target.write(data)
