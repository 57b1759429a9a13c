import { IpfsKitError } from '../ipfsKitError';
import { footerOf, messageOf } from './arrowMetadata';
import type { SchemaLayout } from './arrowSchema';
import { schemaLayout } from './arrowSchema';
import type { FlatTable } from './flatTable';
import { rootTable } from './flatTable';
import { withCommas } from '../withCommas';

/**
 * Walks the messages of an Arrow IPC body before any decoder sees them: lengths inside the bytes, rows in range, each column as long as its batch,
 * buffers inside their body, end of stream present. apache-arrow takes an empty, cut or lying body for a good one, and hangs on some.
 * Format: arrow.apache.org/docs/format/Columnar.html, "Serialization and Interprocess Communication"; tables: Message.fbs and File.fbs.
 */
export interface ArrowLimits {
  /** Of the body, and of what its compressed buffers say they unpack to. */
  readonly maxBytes: number;
  readonly maxRows: number;
}

export interface WalkOptions extends ArrowLimits {
  /** Only the messages that are whole, of a stream that is still coming in or has broken off. */
  readonly soFar?: boolean;
}

export const ARROW_LIMITS: ArrowLimits = { maxBytes: 2 ** 30, maxRows: 50_000_000 };

export interface Framing {
  readonly form: 'stream' | 'file';
  /** What a decoder may see: the messages of a stream, a whole file. */
  readonly decodable: Uint8Array;
  readonly batches: number;
  readonly rows: number;
  /** Of each column, as declared: apache-arrow counts some anew. */
  readonly nulls: readonly number[];
  /** By which its buffers are compressed; none where they are not. */
  readonly codecs: ReadonlySet<Codec>;
}

export type Codec = (typeof CODECS)[number];

const MAGIC = 'ARROW1';
const MAGIC_PADDED = 8;
const CONTINUATION = 0xffffffff;
const HEADER = { schema: 1, dictionaryBatch: 2, recordBatch: 3 } as const;

/** Field numbers of Message.fbs and File.fbs. */
const MESSAGE = { version: 0, headerType: 1, header: 2, bodyLength: 3, metadata: 4 } as const;
const DICTIONARY_BATCH = { id: 0, data: 1, isDelta: 2 } as const;
const BATCH = { rows: 0, nodes: 1, buffers: 2, compression: 3, variadicCounts: 4 } as const;
const COMPRESSION = { codec: 0, method: 1 } as const;
const FOOTER = { version: 0, schema: 1, dictionaries: 2, batches: 3 } as const;
/** Columns of batches: each costs the decoder objects of a kilobyte. A million pins of 19 columns in batches of a hundred rows have 190,000. And a dictionary that grows is joined anew each time. */
const MAX_PIECES = 300_000;
const MAX_DICTIONARIES = 10_000;
/** Dictionaries that grow are joined by apache-arrow at a cost of the square of their number: a second for so many, nine for four times as many. */
const MAX_DELTAS = 1000;

const NODE_BYTES = 16;
const BUFFER_BYTES = 16;
const BLOCK_BYTES = 24;

/** MetadataVersion V4, since Arrow 0.8; V5 differs in unions alone. */
const OLDEST_VERSION = 3;
const NEWEST_VERSION = 4;

/** BodyCompression: the codecs by their numbers; each buffer begins with its unpacked length. */
const CODECS = ['LZ4_FRAME', 'ZSTD'] as const;
const BY_BUFFER = 0;
const LENGTH_BYTES = 8;
const NOT_COMPRESSED = -1;
/**
 * What unpacks to more than so many bytes, and more times its length, is no list of pins: the CIDs of a million differ, and hardly pack.
 * ZSTD makes 1 GiB of 32 KiB; a column of one value, as it may stand in a list (of a million numbers: 8 MB, in LZ4 33 KB), lies far below.
 */
const UNPACKED_ANYWAY = 2 ** 26;
const UNPACKED_RATIO = 64;

/** Throws IpfsKitError: empty, malformed, truncated, unsupported, too-large. */
export function walkFraming(body: Uint8Array, limits: WalkOptions = ARROW_LIMITS): Framing {
  if (body.length === 0) throw new IpfsKitError('empty', 'The Arrow body is empty.');
  if (body.length > limits.maxBytes)
    throw new IpfsKitError('too-large', `The Arrow body has more than ${withCommas(limits.maxBytes)} bytes.`);
  try {
    const isFile = latin1(body, 0, MAGIC.length) === MAGIC;
    return isFile ? walkFile(body, limits) : walkStream(body, limits);
  } catch (error) {
    if (IpfsKitError.is(error)) throw error;
    throw malformed('the metadata of a message is broken', error); // an offset led out of the metadata
  }
}

function walkFile(body: Uint8Array, limits: ArrowLimits): Framing {
  const end = body.length - 4 - MAGIC.length;
  if (end < MAGIC_PADDED || latin1(body, end + 4, body.length) !== MAGIC)
    throw new IpfsKitError('truncated', 'The Arrow file ends before its footer.');
  const footerLength = new DataView(body.buffer, body.byteOffset + end, 4).getInt32(0, true);
  if (footerLength <= 0 || footerLength > end - MAGIC_PADDED) throw malformed('the length of its footer leads out of the file');
  const inner = body.subarray(MAGIC_PADDED, end - footerLength);
  const footer = footerOf(body.subarray(end - footerLength, end));
  const schema = footer.table(FOOTER.schema);
  if (!schema) throw malformed('its footer has no schema');
  checkVersion(footer.i16(FOOTER.version));
  const walked = walkMessages(inner, limits, schemaLayout(schema));
  if (!isZero(inner.subarray(walked.length))) throw malformed('something lies between its end and its footer');
  for (const [type, field] of [
    [HEADER.dictionaryBatch, FOOTER.dictionaries],
    [HEADER.recordBatch, FOOTER.batches],
  ] as const) {
    const listed = footer
      .structs(field, BLOCK_BYTES)
      .map((at) => blockName(footer.i64At(at), footer.i32At(at + 8), footer.i64At(at + 16)));
    const found = walked.blocks.filter((block) => block.type === type).map(({ name }) => name);
    if (listed.join() !== found.join()) throw malformed('its footer lists other batches than it holds');
  }
  return framing('file', body, walked);
}

function walkStream(body: Uint8Array, limits: WalkOptions): Framing {
  const walked = walkMessages(limits.soFar ? body.subarray(0, wholeMessages(body).end) : body, limits);
  if (limits.soFar) return framing('stream', body.subarray(0, walked.length), walked);
  if (!walked.ended) throw cut();
  // A sink that was made too long leaves zeros; anything else may be a second stream, whose pins would go missing without a word.
  if (!isZero(body.subarray(walked.length))) throw malformed('something follows its end');
  return framing('stream', body.subarray(0, walked.length), walked);
}

function framing(form: Framing['form'], decodable: Uint8Array, { batches, rows, nulls, codecs }: Walked): Framing {
  return { form, decodable, batches, rows, nulls, codecs };
}

interface Walked extends Pick<Framing, 'batches' | 'rows' | 'nulls' | 'codecs'> {
  /** Bytes of the messages, with the end mark. */
  readonly length: number;
  readonly ended: boolean;
  /** Batches, as a footer lists them. */
  readonly blocks: readonly { readonly type: number; readonly name: string }[];
}

export interface WholeMessages {
  /** Where the last whole message ends; bytes. */
  readonly end: number;
  readonly batches: number;
}

/**
 * Looks over the messages of a stream that have come in whole, from where an earlier look ended. What they hold is not checked here:
 * it stops where something is no message, and leaves it to walkFraming to say why.
 */
export function wholeMessages(body: Uint8Array, before: WholeMessages = { end: 0, batches: 0 }): WholeMessages {
  const view = new DataView(body.buffer, body.byteOffset, body.length);
  let { end, batches } = before;
  while (end + 8 <= body.length && view.getUint32(end, true) === CONTINUATION) {
    const metadataLength = view.getInt32(end + 4, true);
    const bodyAt = end + 8 + metadataLength;
    if (metadataLength <= 0 || bodyAt > body.length) break;
    try {
      const message = rootTable(body.subarray(end + 8, bodyAt));
      const next = bodyAt + message.i64(MESSAGE.bodyLength);
      if (!(next >= bodyAt && next <= body.length)) break;
      end = next;
      if (message.u8(MESSAGE.headerType) === HEADER.recordBatch) batches++;
    } catch {
      break; // its metadata leads out of itself
    }
  }
  return { end, batches };
}

/** The footer of a file has a schema of its own, by which it is read; the message with the same one may be missing. */
function walkMessages(bytes: Uint8Array, { maxRows, maxBytes }: ArrowLimits, footerLayout?: SchemaLayout): Walked {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const blocks: { type: number; name: string }[] = [];
  const dictionaries = new Set<number>();
  let layout = footerLayout;
  let messages = 0;
  let [at, batches, rows, pieces, deltas, unpacked] = [0, 0, 0, 0, 0, 0];
  const codecs = new Set<Codec>();
  const nulls: number[] = [];
  const mostUnpacked = Math.min(maxBytes, UNPACKED_ANYWAY + UNPACKED_RATIO * bytes.length);
  let ended = false;
  while (at < bytes.length) {
    if (at + 8 > bytes.length) throw cut();
    if (view.getUint32(at, true) !== CONTINUATION)
      throw malformed(messages > 0 ? `message ${messages + 1} has no marker` : 'it does not begin like one');
    const metadataLength = view.getInt32(at + 4, true);
    const start = at;
    at += 8;
    if (metadataLength === 0) {
      ended = true;
      break;
    }
    if (metadataLength < 0 || metadataLength % 8 !== 0) throw malformed('a message has an impossible length');
    if (at + metadataLength > bytes.length) throw cut();
    const message = messageOf(bytes.subarray(at, at + metadataLength));
    const bodyLength = checkEnvelope(message);
    at += metadataLength;
    if (at + bodyLength > bytes.length) throw cut();
    const type = message.u8(MESSAGE.headerType);
    const header = message.table(MESSAGE.header);
    if (!header) throw malformed('a message has no header');
    if (type === HEADER.schema) {
      if (messages > 0) throw malformed('it has a second schema');
      const own = schemaLayout(header);
      layout = footerLayout ?? own;
      if (own.nodes !== layout.nodes || own.columnNodes.join() !== layout.columnNodes.join())
        throw malformed('its footer has another schema than its beginning');
    } else if (!layout) {
      throw malformed('it does not begin with a schema');
    } else {
      const batch = type === HEADER.dictionaryBatch ? header.table(DICTIONARY_BATCH.data) : header;
      if (!batch) throw malformed('a dictionary is not there');
      if (message.i16(MESSAGE.version) === OLDEST_VERSION) checkOldBatch(message, batch, layout);
      let { views } = layout;
      if (type === HEADER.dictionaryBatch) {
        const id = header.i64(DICTIONARY_BATCH.id);
        const isDelta = header.u8(DICTIONARY_BATCH.isDelta) !== 0;
        if (isDelta && !dictionaries.has(id)) throw malformed('a dictionary grows that is not there');
        // In a file all dictionaries come before all batches: one that replaces another would change the rows before it.
        if (footerLayout && !isDelta && dictionaries.has(id)) throw malformed('it is a file in which a dictionary is replaced');
        dictionaries.add(id);
        deltas += Number(isDelta);
        views = layout.dictionaryViews.get(id) ?? 0;
      } else if (!footerLayout) checkDictionaries(layout, dictionaries);
      if (batch.i64s(BATCH.variadicCounts).length < views) throw malformed('a batch does not say how many buffers a column has');
      const contents = checkBatch(batch, view, at, bodyLength, type === HEADER.recordBatch ? layout : undefined);
      // apache-arrow makes an array of as many places for a dictionary's texts, each of which takes a byte at least.
      if (type === HEADER.dictionaryBatch && contents.rows > (contents.unpacked ?? bodyLength))
        throw malformed('a dictionary has more entries than bytes');
      blocks.push({ type, name: blockName(start + MAGIC_PADDED, 8 + metadataLength, bodyLength) });
      pieces += contents.pieces;
      if (contents.codec) codecs.add(contents.codec);
      unpacked += contents.unpacked ?? 0;
      if (type === HEADER.recordBatch) {
        batches++;
        rows += contents.rows;
        for (const [column, node] of layout.columnNodes.entries())
          nulls[column] = (nulls[column] ?? 0) + (contents.nulls[node] ?? 0);
      }
      if (rows > maxRows || contents.rows > maxRows)
        throw new IpfsKitError('too-large', `The Arrow body declares more than ${withCommas(maxRows)} rows.`);
      if (deltas > MAX_DELTAS)
        throw new IpfsKitError('too-large', `The dictionaries of the Arrow body grow more than ${withCommas(MAX_DELTAS)} times.`);
      if (pieces > MAX_PIECES || blocks.length - batches > MAX_DICTIONARIES)
        throw new IpfsKitError(
          'too-large',
          `The Arrow body comes in too many pieces: more than ${withCommas(MAX_PIECES)} columns of batches.`,
        );
      if (unpacked > mostUnpacked)
        throw new IpfsKitError(
          'too-large',
          `The Arrow body of ${withCommas(bytes.length)} bytes unpacks to more than ${withCommas(mostUnpacked)}.`,
        );
    }
    at += bodyLength;
    messages++;
  }
  if (!layout) throw ended ? malformed('it has no schema') : cut();
  if (batches > 0) checkDictionaries(layout, dictionaries); // in a file they may stand behind
  return { length: at, batches, rows, nulls, codecs, ended, blocks };
}

/** Other readers refuse a batch without them, whatever its indices are. */
function checkDictionaries({ dictionaryViews }: SchemaLayout, dictionaries: ReadonlySet<number>): void {
  for (const id of dictionaryViews.keys())
    if (!dictionaries.has(id)) throw malformed('a batch comes before a dictionary that it needs');
}

/**
 * Version 4 has a bitmap for unions, which apache-arrow reads past, and knows compression by metadata of a message alone; pyarrow keeps to that,
 * and would read other rows.
 */
function checkOldBatch(message: FlatTable, batch: FlatTable, { hasUnions }: SchemaLayout): void {
  if (hasUnions || batch.table(BATCH.compression) || message.tables(MESSAGE.metadata).length > 0)
    throw new IpfsKitError(
      'unsupported',
      'The Arrow body is of metadata version 4 with unions, compression or metadata of its batches; version 5 is read.',
    );
}

/** Gives the length of the message's body in bytes. */
function checkEnvelope(message: FlatTable): number {
  checkVersion(message.i16(MESSAGE.version));
  const type = message.u8(MESSAGE.headerType);
  if (type !== HEADER.schema && type !== HEADER.recordBatch && type !== HEADER.dictionaryBatch)
    throw new IpfsKitError('unsupported', `The Arrow body holds a message of type ${type}, which is no part of a table.`);
  const bodyLength = message.i64(MESSAGE.bodyLength);
  if (bodyLength < 0 || bodyLength > Number.MAX_SAFE_INTEGER || bodyLength % 8 !== 0)
    throw malformed('a message has an impossible body length');
  return bodyLength;
}

function checkVersion(version: number): void {
  if (version < OLDEST_VERSION || version > NEWEST_VERSION)
    throw new IpfsKitError('unsupported', `The Arrow body is of metadata version ${version + 1}; versions 4 and 5 are read.`);
}

interface BatchContents {
  readonly rows: number;
  readonly pieces: number;
  /** Of each node. */
  readonly nulls: readonly number[];
  /** Where it is compressed. */
  readonly codec?: Codec;
  /** As codec; bytes. */
  readonly unpacked?: number;
}

/** `layout` is that of the schema; a dictionary has one column. */
function checkBatch(
  batch: FlatTable,
  view: DataView,
  bodyAt: number,
  bodyLength: number,
  layout: SchemaLayout | undefined,
): BatchContents {
  const rows = batch.i64(BATCH.rows);
  if (rows < 0) throw malformed('a batch has a negative number of rows');
  const nodes = batch.structs(BATCH.nodes, NODE_BYTES).map((at) => {
    const [length, nulls] = [batch.i64At(at), batch.i64At(at + 8)];
    if (length < 0 || nulls < 0 || nulls > length) throw malformed('a column has impossible counts');
    return { length, nulls };
  });
  const nulls = nodes.map((node) => node.nulls);
  if (layout && nodes.length !== layout.nodes) throw malformed('a batch has other columns than the schema');
  // Where one is shorter, apache-arrow fills it up with nulls.
  if ((layout?.columnNodes ?? [0]).some((node) => nodes[node]?.length !== rows))
    throw malformed('a column is not as long as its batch');

  const buffers = batch.structs(BATCH.buffers, BUFFER_BYTES).map((at) => {
    const [offset, length] = [batch.i64At(at), batch.i64At(at + 8)];
    if (offset < 0 || length < 0 || offset + length > bodyLength) throw malformed('a buffer lies outside of its message');
    if (offset % 8 !== 0) throw malformed('a buffer is not aligned');
    return { offset, length };
  });
  let variadic = 0;
  for (const count of batch.i64s(BATCH.variadicCounts)) {
    variadic += count;
    if (count < 0 || variadic > buffers.length) throw malformed('a column has more buffers than its batch');
  }

  const compression = batch.table(BATCH.compression);
  const pieces = 1 + nodes.length;
  if (!compression) return { rows, pieces, nulls };
  const codec = CODECS[compression.u8(COMPRESSION.codec)];
  if (!codec || compression.u8(COMPRESSION.method) !== BY_BUFFER)
    throw new IpfsKitError('unsupported', 'The Arrow body is compressed in a way other than LZ4 and ZSTD.');
  // Each is unpacked by itself: many that share one place would take a time that is no longer that of the body.
  if (buffers.reduce((sum, { length }) => sum + length, 0) > bodyLength) throw malformed('its compressed buffers overlap');
  let unpacked = 0;
  for (const { offset, length } of buffers) {
    if (length === 0) continue;
    if (length < LENGTH_BYTES) throw malformed('a compressed buffer is shorter than its header');
    const declared = Number(view.getBigInt64(bodyAt + offset, true));
    if (declared < NOT_COMPRESSED) throw malformed('a compressed buffer has a negative length');
    unpacked += declared === NOT_COMPRESSED ? length - LENGTH_BYTES : declared;
  }
  return { rows, pieces, nulls, codec, unpacked };
}

/** A batch as a footer names it; all in bytes. The length of its metadata counts the eight before it. */
function blockName(offset: number, metadataLength: number, bodyLength: number): string {
  return `${offset}+${metadataLength}+${bodyLength}`;
}

function latin1(bytes: Uint8Array, from: number, to: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1', from, to);
}

function isZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}

function malformed(what: string, cause?: unknown): IpfsKitError {
  return new IpfsKitError('malformed', `The body is no sound Arrow IPC data: ${what}.`, { cause });
}

function cut(): IpfsKitError {
  return new IpfsKitError('truncated', 'The Arrow body breaks off before its end.');
}
