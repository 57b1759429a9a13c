import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { IpfsKitError } from '../../../src/ipfsKitError';
import { readJson } from '../../../src/pinIndex/jsonReader';

const going = new AbortController().signal;

describe('a JSON list of pins', () => {
  it('whose rows have no CID column is malformed, not empty', () => {
    for (const body of ['[{"name":"a"}]', '{"pins":[{"key":1},{"name":"b"}]}'])
      assert.throws(
        () => readJson(Buffer.from(body)),
        (error) => IpfsKitError.is(error, 'malformed'),
        body,
      );
  });

  it('may spell its columns in any case, and leave them out in some rows', async () => {
    const table = readJson(Buffer.from('{"pins":[{"name":"none"},{"CID":"QmA","Name":"a"},{"CID":"QmB"}]}'));
    assert.deepEqual(
      (await table.page({}, going)).map(({ cid }) => cid),
      ['QmA', 'QmB'],
    );
    assert.equal(await table.count({}, going), 2);
  });

  it('is searched by its whole texts, and names the daemon’s own error cut short', async () => {
    const name = `${'x'.repeat(10_000)}End`;
    const table = readJson(Buffer.from(JSON.stringify([{ cid: 'QmA', name }, { cid: 'QmB' }])));
    assert.equal(await table.count({ filter: 'xEND' }, going), 1);
    assert.throws(
      () => readJson(Buffer.from(JSON.stringify({ pins: [], total: 0, error: 'y'.repeat(10_000) }))),
      (error) => IpfsKitError.is(error, 'unreadable') && error.message.length < 400,
    );
  });

  it('of more bytes than a list may have is too large, before it is parsed', () =>
    assert.throws(
      () => readJson(new Uint8Array(2 ** 28 + 1)),
      (error) => IpfsKitError.is(error, 'too-large'),
    ));
});
