"""Writes Arrow files that no library writes, or that need much memory to read: python arrow_hostile.py KIND FILE COUNT."""

import struct
import sys

import pyarrow as pa

END = struct.pack("<II", 0xFFFFFFFF, 0)


def nodes(file, count):
    """Writes a stream whose batch claims `count` columns: a flatbuffer with a list of 16 bytes for each, which are all zero."""
    table = bytearray(struct.pack("<I4x", 32))  # offset of the root table
    table += struct.pack("<6H4x", 12, 24, 4, 6, 8, 16)  # vtable of Message: version, header type, header, body length
    table += bytes(32 - len(table) % 32 if len(table) % 32 else 0)
    table += struct.pack("<i", 32 - 8) + struct.pack("<hBxI4xq", 4, 3, 0, 0)
    fields = len(table)
    table += struct.pack("<5H6x", 10, 24, 8, 4, 16)  # vtable of RecordBatch: rows, nodes, buffers
    batch = len(table)
    struct.pack_into("<I", table, 40, batch - 40)
    table += struct.pack("<iIqII", batch - fields, 0, 0, 0, 0)
    table += bytes(4)
    struct.pack_into("<I", table, batch + 4, len(table) - batch - 4)
    table += struct.pack("<I", count)
    end = len(table) + 16 * count
    struct.pack_into("<I", table, batch + 16, end + 4 - batch - 16)
    total = end + 12
    total += -total % 8
    schema = pa.schema([("cid", pa.string()), ("name", pa.string())]).serialize().to_pybytes()
    with open(file, "wb") as target:
        target.write(schema + struct.pack("<II", 0xFFFFFFFF, total) + table)
        target.seek(len(schema) + 8 + total)
        target.write(END)


def long_names(file, count):
    """Writes two million rows that share two names of `count` characters, one of which isn't in Latin-1."""
    name = "€" + "X" * count
    names = pa.DictionaryArray.from_arrays(pa.array([0, 1] * 1_000_000, pa.int32()), pa.array([name, name + "b"]))
    write(file, {"cid": pa.array(["bafy"]).take(pa.array([0] * 2_000_000, pa.int32())), "name": names})


def packed(file, count):
    """Writes the same CID `count` times, which compresses well."""
    cid = pa.array(["bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi"], pa.large_string())
    write(file, {"cid": cid.take(pa.array([0] * count, pa.int32()))}, "zstd")


def many_groups(file, count):
    numbers = pa.array(range(count)).cast(pa.string())
    write(file, {"cid": numbers, "backend": numbers})


def write(file, columns, compression=None):
    batch = pa.record_batch(columns)
    with pa.ipc.new_file(file, batch.schema, options=pa.ipc.IpcWriteOptions(compression=compression)) as target:
        target.write_batch(batch)


{"nodes": nodes, "long_names": long_names, "packed": packed, "many_groups": many_groups}[sys.argv[1]](sys.argv[2], int(sys.argv[3]))
