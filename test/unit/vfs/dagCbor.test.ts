import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as dagCbor from '@ipld/dag-cbor';
import { IpfsKitError } from '../../../src/base/ipfsKitError';
import { Made } from '../../support/madeBlocks';

interface Shown {
  readonly bytes: Buffer;
  readonly whyBytes: string | undefined;
}

async function shown(made: Made, block: Uint8Array, path: string[] = []): Promise<Shown> {
  const at = { cid: (await made.put(dagCbor.code, block)).toString(), path };
  const pieces: Uint8Array[] = [];
  for await (const piece of made.files().read(at)) pieces.push(piece);
  return { bytes: Buffer.concat(pieces), whyBytes: (await made.files().stat(at)).whyBytes };
}

describe('dag-cbor', () => {
  /** From RFC 8949, Appendix A, and the rules of https://ipld.io/specs/codecs/dag-cbor/spec/#strictness. */
  const NOT_CANONICAL = {
    'a list of indefinite length': '9f0102ff',
    'a map of indefinite length': 'bf616101ff',
    'text of indefinite length': '7f61616162ff',
    'an integer in more bytes than it takes': '821900010f',
    'a length in more bytes than it takes': '7800',
    'a key that comes twice': 'a2616101616102',
    'a key that is no text': 'a10102',
    'a tag that is no link': 'c074323031332d30332d32315432303a30343a30305a',
    'an invalid number': 'fb7ff8000000000000',
    'text that is not UTF-8': '62c328',
    undefined: 'f7',
    'undefined in a list': '81f7',
    'the number -0': '81fb8000000000000000',
    'a byte order mark before a text': '64efbbbf78',
    'a byte order mark before a key': 'a164efbbbf7801',
  };
  for (const [what, hex] of Object.entries(NOT_CANONICAL))
    it(`with ${what} is shown as its bytes, with the reason`, async () => {
      const block = Buffer.from(hex, 'hex');
      const { bytes, whyBytes } = await shown(new Made(), block);
      assert.deepEqual(bytes, block);
      assert.match(whyBytes ?? '', /^It is dag-cbor that can't be shown as JSON: .+\.$/);
    });

  it('with keys in another order is JSON', async () => {
    const { bytes, whyBytes } = await shown(new Made(), Buffer.from('a2616201616102', 'hex'));
    assert.deepEqual([JSON.parse(bytes.toString()), whyBytes], [{ a: 2, b: 1 }, undefined]);
  });

  it('that would read as a link or as bytes, and is neither, is shown as its bytes', async () => {
    const made = new Made();
    const link = await made.leaf('linked');
    const isJson = async (value: unknown): Promise<boolean> =>
      (await shown(made, dagCbor.encode({ a: [value] }))).whyBytes === undefined;
    assert.equal(await isJson(link), true);
    assert.equal(await isJson(Buffer.from('bytes')), true);
    for (const value of [
      { '/': link.toString() },
      { '/': 'text' },
      new Map([
        ['/', 'x'],
        ['bytes', 'x'],
      ]),
      { '/': 1 },
      { '/': { bytes: 'AQI' } },
      { '/': 'a', b: 1 },
    ])
      // prettier-ignore
      assert.equal(await isJson(value), false, JSON.stringify(value));
    for (const value of [{ '/a': 'text' }, { '/': { a: 1 } }, { '/': null }, { '/': [] }, { '/': link }])
      assert.equal(await isJson(value), true, JSON.stringify(value));
  });

  it("doesn't follow values that only look like links", async () => {
    const made = new Made();
    const link = await made.leaf('linked');
    // The encoder would take a plain object for a link.
    const like = new Map(
      Object.entries({ '/': 'x', bytes: 'x', version: 1, code: 0x55, multihash: { bytes: link.multihash.bytes } }),
    );
    const block = dagCbor.encode({ real: link, text: { '/': link.toString() }, like });
    assert.equal((await shown(made, block, ['real'])).bytes.toString(), 'linked');
    for (const name of ['text', 'like'])
      await assert.rejects(shown(made, block, [name]), (error) => IpfsKitError.is(error, 'no-entry'), name);
  });
});
