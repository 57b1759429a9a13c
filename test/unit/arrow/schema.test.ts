import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { IpfsKitError } from '../../../src/base/ipfsKitError';
import { pinsOf } from '../../arrowDamage/damagedBodies';
import type { ArrowOracle } from '../../arrowDamage/oracle';
import { startArrowOracle } from '../../arrowDamage/oracle';
import { python } from '../../support/python';

/** Streams of messages that don't belong together, or with a changed number in the schema; all have two rows. */
const BODIES = `import pyarrow as pa, sys
from pathlib import Path

END = b"\\xff\\xff\\xff\\xff\\0\\0\\0\\0"
V4, V5 = pa.ipc.MetadataVersion.V4, pa.ipc.MetadataVersion.V5
cid = pa.array(["QmA", "QmB"])

def messages(compression=None, version=V5, **columns):
    sink = pa.BufferOutputStream()
    table = pa.table({**columns, "cid": cid})
    options = pa.ipc.IpcWriteOptions(compression=compression, metadata_version=version)
    with pa.ipc.new_stream(sink, table.schema, options=options) as writer: writer.write_table(table)
    return [(message.type, message.serialize().to_pybytes()) for message in pa.ipc.MessageReader.open_stream(sink.getvalue())]

def save(name, parts): Path(sys.argv[1], name).write_bytes(b"".join(part for _, part in parts) + END)

def changed(parts, old, new, width):
    """In the schema, the last number of so many bytes."""
    (kind, schema), *rest = parts
    at = schema.rindex(old.to_bytes(width, "little"))
    return [(kind, schema[:at] + new.to_bytes(width, "little", signed=new < 0) + schema[at + width:]), *rest]

few = cid.dictionary_encode()
union = pa.UnionArray.from_sparse(pa.array([0, 1], pa.int8()), [pa.array([1, 2]), pa.array(["a", "b"])])
save("sound: a dictionary", messages(x=few))
save("sound: version 4", messages(version=V4, x=few))
save("sound: a union, compressed", messages("zstd", x=union))
for name, x in {
    "a decimal": pa.array([1, 2], pa.decimal32(7)), "a time of day": pa.array([1, 2], pa.time64("us")),
    "a map": pa.array([[("a", 1)], None], pa.map_(pa.utf8(), pa.int32())), "a list": pa.array([[1], [2]], pa.list_(pa.int8(), 1)),
    "bytes": pa.array([b"12", b"34"], pa.binary(2)), "an interval": pa.array([(1, 2, 3), None], pa.month_day_nano_interval()),
}.items(): save(f"sound: {name}", messages(x=x))
runs = pa.RunEndEncodedArray.from_arrays(pa.array([2], pa.int32()), pa.array(["a"]))
views = pa.array([["a"], None], pa.list_view(pa.utf8()))
for name, x in {
    "runs": runs, "views of lists": views, "large views of lists": pa.array([["a"], None], pa.large_list_view(pa.string_view())),
    "runs in a struct": pa.StructArray.from_arrays([runs, views], ["a", "b"]), "views": cid.cast(pa.binary_view()),
}.items():
    save(f"sound: {name}", messages(x=x, name=cid))
    save(f"sound: {name}, compressed", messages("zstd", x=x, name=cid))
    save(f"sound: {name} of version 4", messages(version=V4, x=x, name=cid))
save("sound: a union of version 4", messages(version=V4, x=union, name=cid))
dense = pa.UnionArray.from_dense(pa.array([0, 1], pa.int8()), pa.array([0, 0], pa.int32()), [pa.array([1]), pa.array(["a"])])
save("sound: a dense union of version 4", messages(version=V4, x=dense, name=cid))
def framed_of_old(writer):
    sink = pa.BufferOutputStream()
    table = pa.table({"cid": cid, "name": few, "x": views})
    with writer(sink, table.schema, options=pa.ipc.IpcWriteOptions(use_legacy_format=True)) as out: out.write_table(table)
    return sink.getvalue().to_pybytes()
Path(sys.argv[1], "sound: a stream framed as before 0.15").write_bytes(framed_of_old(pa.ipc.new_stream))
Path(sys.argv[1], "sound: a file framed as before 0.15").write_bytes(framed_of_old(pa.ipc.new_file))

def extended(name, storage, metadata=b""):
    table = pa.table({"x": storage, "cid": cid})
    field = pa.field("x", storage.type, metadata={"ARROW:extension:name": name, "ARROW:extension:metadata": metadata})
    sink = pa.BufferOutputStream()
    schema = pa.schema([field, table.schema.field("cid")])
    with pa.ipc.new_stream(sink, schema) as writer: writer.write_table(table.cast(schema))
    return [(message.type, message.serialize().to_pybytes()) for message in pa.ipc.MessageReader.open_stream(sink.getvalue())]
tiny, uuids = pa.array([0, 1], pa.int8()), pa.array([b"0123456789abcdef", None], pa.binary(16))
save("sound: bool8", extended("arrow.bool8", tiny))
save("sound: uuid", extended("arrow.uuid", uuids))
save("sound: json", extended("arrow.json", cid))
save("sound: opaque", extended("arrow.opaque", tiny, b'{"type_name": "a", "vendor_name": "b"}'))
save("sound: an extension of its own", extended("mine.uuid", tiny))
save("bool8 of text", extended("arrow.bool8", cid))
save("uuid of numbers", extended("arrow.uuid", tiny))
save("uuid with metadata", extended("arrow.uuid", uuids, b"{}"))
save("json of numbers", extended("arrow.json", tiny))
save("opaque without a vendor", extended("arrow.opaque", tiny, b'{"type_name": "a"}'))
save("a tensor of numbers", extended("arrow.fixed_shape_tensor", tiny))

save("too few buffers", [messages(x=cid)[0], messages(x=pa.array([1, 2]))[1]])
save("indices of 128 bits", changed(messages(x=few), 32, 128, 4))
save("a dictionary that no column needs", [messages(x=cid)[0], messages(x=few)[1], *messages(x=cid)[1:]])
save("a missing dictionary", [part for part in messages(x=few) if part[0] != "dictionary"])
save("views whose buffers nobody counted", [messages(x=cid.cast(pa.binary_view()))[0], messages(x=pa.array([1, 2]))[1]])
save("sound: a union of version 4 behind a schema of version 5", [messages(x=union)[0], *messages(version=V4, x=union)[1:]])
save("compression in version 4", messages("zstd", V4, size_bytes=pa.array([1, 2])))
save("a decimal of 40 bits", changed(messages(x=pa.array([1, 2], pa.decimal32(7))), 32, 40, 4))
save("a decimal of 11 digits in 32 bits", changed(messages(x=pa.array([1, 2], pa.decimal32(7))), 7, 11, 4))
save("an integer of 24 bits", changed(messages(x=pa.array([1, 2], pa.int16())), 16, 24, 4))
save("a time of day of 40 bits", changed(messages(x=pa.array([1, 2], pa.time64("us"))), 64, 40, 4))
save("bytes of a negative length", changed(messages(x=pa.array([b"12345", b"67890"], pa.binary(5))), 5, -5, 4))
`;

const folder = mkdtempSync(path.join(tmpdir(), 'arrow-schema-'));
let oracle: ArrowOracle;
before(() => {
  python(BODIES, folder);
  oracle = startArrowOracle();
});
after(() => {
  oracle.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('the schema of an Arrow body', () => {
  const verdicts = async (name: string): Promise<{ ours: unknown; theirs: unknown }> => {
    const file = path.join(folder, name);
    const body = readFileSync(file);
    const ours = await pinsOf(body).catch((error: unknown) => error);
    return { ours, theirs: await oracle.judge(file, { cut: body.length }) };
  };
  const names = (isSound: boolean): string[] => readdirSync(folder).filter((name) => name.startsWith('sound') === isSound);

  it('that is valid gives the pins that pyarrow gives', async () => {
    const sound = names(true);
    assert.equal(sound.length, 34);
    for (const name of sound) {
      const { ours, theirs } = await verdicts(name);
      assert.deepEqual(ours, theirs, name);
      assert.equal(Array.isArray(ours) && ours.length, 2, name);
    }
  });

  it('that pyarrow rejects gives no pins, even if the column of CIDs is intact', async () => {
    const broken = names(false);
    assert.equal(broken.length, 17);
    for (const name of broken) {
      const { ours, theirs } = await verdicts(name);
      assert.ok(IpfsKitError.is(ours, 'malformed', 'unsupported'), `${name}: ${JSON.stringify(ours)}`);
      // In version 4, pyarrow reads compressed buffers as uncompressed ones.
      if (!name.includes('version 4')) assert.ok(!Array.isArray(theirs), name);
    }
  });
});
