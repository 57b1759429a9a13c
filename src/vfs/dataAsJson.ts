import { isUtf8 } from 'node:buffer';
import * as dagCbor from '@ipld/dag-cbor';
import * as dagJson from '@ipld/dag-json';
import { CID } from 'multiformats/cid';
import { IpfsKitError } from '../base/ipfsKitError';
import { withCommas } from '../base/withCommas';
import { cborItems } from './cborItems';
import { prettyJson } from './prettyJson';
import { malformed } from './unixfsFile';

/** The most items of a dag-cbor block that is shown as text: the decoder takes half a kilobyte and some microseconds for each, however small. */
const MOST_ITEMS = 2 ** 18;
/** The largest JSON text that is indented: two megabytes of brackets become a hundred, and take seconds. */
const MOST_INDENTED_BYTES = 2 ** 18;
const CBOR_UNDEFINED = 0xf7;
const CBOR_TEXT = 3;
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf] as const;

/** Data as it is read. */
export interface Content {
  readonly content: Uint8Array;
  /** Why the bytes are those of the block, where another reader might decode more: a sentence. */
  readonly whyBytes?: string;
}

/**
 * Returns dag-cbor and dag-json as JSON, with links and bytes as DAG-JSON writes them; everything else, and dag-cbor that JSON can't express, as it is. Throws
 * malformed.
 */
export function contentOf(cid: CID, block: Uint8Array): Content {
  if (cid.code !== dagCbor.code && cid.code !== dagJson.code) return { content: block };
  let json: Uint8Array;
  try {
    json = cid.code === dagJson.code ? checkedJson(cid, block) : dagJson.encode(jsonValue(cid, block));
  } catch (error) {
    if (cid.code === dagJson.code) throw error;
    const why = IpfsKitError.is(error) ? (error.cause ?? error) : error;
    const said = why instanceof Error ? why.message : String(why);
    return { content: block, whyBytes: `It is dag-cbor that can't be shown as JSON: ${said.replace(/\.?$/, '.')}` };
  }
  if (json.length > MOST_INDENTED_BYTES) return { content: json };
  return { content: Buffer.from(prettyJson(Buffer.from(json).toString('utf8')), 'utf8') };
}

/** The value of a dag-cbor block, if JSON can express all of it. */
function jsonValue(cid: CID, block: Uint8Array): unknown {
  const check = (head: number, text: Uint8Array): void => {
    if (head === CBOR_UNDEFINED) throw new Error('it has the value “undefined”, which would become null');
    if (head >> 5 !== CBOR_TEXT) return;
    if (!isUtf8(text)) throw new Error('it has text that is not UTF-8');
    if (BYTE_ORDER_MARK.every((byte, index) => text[index] === byte))
      throw new Error('it has text that begins with a byte order mark, which would be left out');
  };
  if (cborItems(block, MOST_ITEMS, check) > MOST_ITEMS) throw new Error(`it has more than ${withCommas(MOST_ITEMS)} items`);
  const value = decodeCbor(cid, block);
  for (const left = [value]; left.length > 0;) {
    const next = left.pop();
    if (Object.is(next, -0)) throw new Error('it has the number -0, which would become 0');
    if (typeof next !== 'object' || next === null || next instanceof CID || next instanceof Uint8Array) continue;
    if (isReserved(next)) throw new Error('it has a map with the key “/”, which would look like a link or bytes');
    for (const below of Object.values(next)) left.push(below);
  }
  return value;
}

/**
 * DAG-JSON reads a map with the key `/` as a link or bytes, so no other map can be written that way
 * (https://ipld.io/specs/codecs/dag-json/spec/#reserved-namespace).
 */
function isReserved(map: object): boolean {
  if (!Object.hasOwn(map, '/')) return false;
  const { '/': value } = map as Readonly<Record<'/', unknown>>;
  if (typeof value !== 'object') return true;
  return value !== null && Object.keys(value).join() === 'bytes';
}

/** The text is shown as it was written, digit by digit, so it must be JSON; prettyJson would leave out parts of anything else. */
function checkedJson(cid: CID, block: Uint8Array): Uint8Array {
  parsedJson(cid, block);
  return block;
}

function parsedJson(cid: CID, block: Uint8Array): unknown {
  if (!isUtf8(block)) throw malformed(cid, "is dag-json that isn't valid UTF-8");
  try {
    return JSON.parse(Buffer.from(block).toString('utf8'));
  } catch (error) {
    throw malformed(cid, "is dag-json that isn't valid JSON", error);
  }
}

function decodeCbor(cid: CID, block: Uint8Array): unknown {
  try {
    return dagCbor.decode(block);
  } catch (error) {
    throw malformed(cid, "can't be decoded", error); // Includes nesting that is too deep for the stack.
  }
}

/** The value of a dag-cbor or dag-json block; undefined for other blocks, and for dag-cbor of more than MOST_ITEMS items. Throws malformed. */
export function dataValue(cid: CID, block: Uint8Array): unknown {
  if (cid.code === dagJson.code) return parsedJson(cid, block);
  return cid.code === dagCbor.code && cborItems(block, MOST_ITEMS) <= MOST_ITEMS ? decodeCbor(cid, block) : undefined;
}
