import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { IpfsKitError } from '../../../src/ipfsKitError';
import { pinsOf } from '../../arrowTorture/damagedBodies';
import type { ArrowOracle } from '../../arrowTorture/oracle';
import { startArrowOracle } from '../../arrowTorture/oracle';
import { python } from '../../support/python';

/** Streams put together of messages that do not belong together, or with a number of the schema changed; all with two rows. */
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
save("a dictionary that is not there", [part for part in messages(x=few) if part[0] != "dictionary"])
save("views whose buffers nobody counted", [messages(x=cid.cast(pa.binary_view()))[0], messages(x=pa.array([1, 2]))[1]])
save("a union of version 4", messages(version=V4, x=union))
save("a union of version 4 as a number", [messages(x=union)[0], *messages(version=V4, x=union)[1:]])
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

  it('that is sound gives the pins that pyarrow gives', async () => {
    const sound = names(true);
    assert.equal(sound.length, 9);
    for (const name of sound) {
      const { ours, theirs } = await verdicts(name);
      assert.deepEqual(ours, theirs, name);
      assert.equal(Array.isArray(ours) && ours.length, 2, name);
    }
  });

  it('that pyarrow refuses gives no pins, though the column of CIDs is whole', async () => {
    const broken = names(false);
    assert.equal(broken.length, 10);
    for (const name of broken) {
      const { ours, theirs } = await verdicts(name);
      assert.ok(IpfsKitError.is(ours, 'malformed', 'unsupported'), `${name}: ${JSON.stringify(ours)}`);
      // Of version 4, pyarrow reads unions, and takes compressed buffers for plain ones.
      if (!name.includes('version 4')) assert.ok(!Array.isArray(theirs), name);
    }
  });
});
