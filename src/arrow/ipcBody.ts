import { IpfsKitError } from '../base/ipfsKitError';
import type { Codec, ColumnBuffers } from './recordBatch';
import { columnsOf, malformed, readBatchHeader } from './recordBatch';
import { footerOf, messageOf } from './messageMetadata';
import type { Field, SchemaLayout } from './schema';
import { schemaLayout } from './schema';
import type { FlatTable } from './flatbuffers';
import { rootTable } from './flatbuffers';
import { withCommas } from '../base/withCommas';

/**
 * Checks the messages of an Arrow IPC body before any value is read: that lengths are inside the bytes, row counts are in range, each column is as long as its
 * batch and has all its buffers inside the message body, and the end of the stream is present. apache-arrow's own reader accepts empty, truncated and
 * inconsistent bodies, hangs on some, and doesn't support all types and versions. Format: arrow.apache.org/docs/format/Columnar.html, "Serialization and
 * Interprocess Communication"; tables: Message.fbs and File.fbs.
 */
export interface ArrowLimits {
  /** The most bytes of the body, and of the decompressed sizes that its buffers declare. */
  readonly maxBytes: number;
  readonly maxRows: number;
}

export interface WalkOptions extends ArrowLimits {
  /** Reads only the complete messages, of a stream that is still arriving or was cut off. */
  readonly soFar?: boolean;
}

export const ARROW_LIMITS: ArrowLimits = { maxBytes: 2 ** 30, maxRows: 50_000_000 };

export interface IpcBody {
  readonly form: 'stream' | 'file';
  readonly columns: readonly Field[];
  /** For each dictionary, by its number, a column with the values. */
  readonly dictionaries: ReadonlyMap<number, Field>;
  /** Record batches and dictionary batches, in the order in which they take effect: in a file, all dictionaries come first. */
  readonly batches: readonly Batch[];
  readonly recordBatches: number;
  readonly rows: number;
  /** How many nulls the batches declare for each column; apache-arrow counts some of them itself. */
  readonly nulls: readonly number[];
  /** The codecs that its buffers are compressed with. */
  readonly codecs: ReadonlySet<Codec>;
}

/** A batch of rows, or of the entries of a dictionary. */
export interface Batch {
  /** The columns in the order of the schema; a dictionary has one. */
  readonly columns: readonly ColumnBuffers[];
  readonly body: Uint8Array;
  /** Absent where the buffers aren't compressed. */
  readonly codec?: Codec | undefined;
  readonly dictionary?: { readonly id: number; readonly isDelta: boolean } | undefined;
}

const MAGIC = 'ARROW1';
const MAGIC_PADDED = 8;
const CONTINUATION = 0xffffffff;
const HEADER = { schema: 1, dictionaryBatch: 2, recordBatch: 3 } as const;

/** Field numbers of Message.fbs and File.fbs. */
const MESSAGE = { version: 0, headerType: 1, header: 2, bodyLength: 3, metadata: 4 } as const;
const DICTIONARY_BATCH = { id: 0, data: 1, isDelta: 2 } as const;
const BATCH_COMPRESSION = 3;
const FOOTER = { version: 0, schema: 1, dictionaries: 2, batches: 3 } as const;
/**
 * The most columns of all batches: each takes objects of about a kilobyte. A million pins with 19 columns in batches of a hundred rows have 190,000. A
 * dictionary that is extended is also joined again each time.
 */
const MAX_BATCH_COLUMNS = 300_000;
const MAX_DICTIONARIES = 10_000;
/** The most buffers of all batches; a column has at most three, except for columns of views. */
const MAX_BUFFERS = 2 ** 21;
/** The most delta dictionaries. apache-arrow joins them in quadratic time: a second for this many, nine for four times as many. */
const MAX_DELTAS = 1000;

const BLOCK_BYTES = 24;

/** MetadataVersion V4, since Arrow 0.8; V5 differs only in the validity of two types. */
const OLDEST_VERSION = 3;
const NEWEST_VERSION = 4;

/**
 * A body that decompresses to more than this many bytes and more than this many times its length isn't a list of pins: a million different CIDs hardly
 * compress. ZSTD turns 32 KiB into 1 GiB; a column with one repeated value, as it may occur in a list (a million numbers: 8 MB, in LZ4 33 KB), stays far below
 * that.
 */
const UNPACKED_ANYWAY = 2 ** 26;
const UNPACKED_RATIO = 64;

/** Throws IpfsKitError: empty, malformed, truncated, unsupported, too-large. */
export function readIpcBody(body: Uint8Array, limits: WalkOptions = ARROW_LIMITS): IpcBody {
  if (body.length === 0) throw new IpfsKitError('empty', 'The Arrow body is empty.');
  if (body.length > limits.maxBytes)
    throw new IpfsKitError('too-large', `The Arrow body has more than ${withCommas(limits.maxBytes)} bytes.`);
  try {
    const isFile = latin1(body, 0, MAGIC.length) === MAGIC;
    return isFile ? walkFile(body, limits) : walkStream(body, limits);
  } catch (error) {
    if (IpfsKitError.is(error)) throw error;
    throw malformed('the metadata of a message is broken', error); // an offset pointed outside the metadata
  }
}

function walkFile(body: Uint8Array, limits: ArrowLimits): IpcBody {
  const end = body.length - 4 - MAGIC.length;
  if (end < MAGIC_PADDED || latin1(body, end + 4, body.length) !== MAGIC)
    throw new IpfsKitError('truncated', 'The Arrow file ends before its footer.');
  const footerLength = new DataView(body.buffer, body.byteOffset + end, 4).getInt32(0, true);
  if (footerLength <= 0 || footerLength > end - MAGIC_PADDED) throw malformed('its footer length points outside the file');
  const inner = body.subarray(MAGIC_PADDED, end - footerLength);
  const footer = footerOf(body.subarray(end - footerLength, end));
  const schema = footer.table(FOOTER.schema);
  if (!schema) throw malformed('its footer has no schema');
  checkVersion(footer.i16(FOOTER.version));
  const walked = walkMessages(inner, limits, schemaLayout(schema));
  if (!isZero(inner.subarray(walked.length))) throw malformed('there are bytes between its end and its footer');
  for (const [type, field] of [
    [HEADER.dictionaryBatch, FOOTER.dictionaries],
    [HEADER.recordBatch, FOOTER.batches],
  ] as const) {
    const listed = footer
      .structs(field, BLOCK_BYTES)
      .map((at) => blockName(footer.i64At(at), footer.i32At(at + 8), footer.i64At(at + 16)));
    const found = walked.blocks.filter((block) => block.type === type).map(({ name }) => name);
    if (listed.join() !== found.join()) throw malformed("its footer doesn't list the batches that it contains");
  }
  return ipcBody('file', walked);
}

function walkStream(body: Uint8Array, limits: WalkOptions): IpcBody {
  const walked = walkMessages(limits.soFar ? body.subarray(0, wholeMessages(body).end) : body, limits);
  if (limits.soFar) return ipcBody('stream', walked);
  if (!walked.ended) throw cut();
  // A sink that was created too long leaves zeros. Anything else may be a second stream, whose pins would be missing without notice.
  if (!isZero(body.subarray(walked.length))) throw malformed('there are bytes after its end');
  return ipcBody('stream', walked);
}

function ipcBody(form: IpcBody['form'], { layout, blocks, recordBatches, rows, nulls, codecs }: Walked): IpcBody {
  const all = blocks.map(({ batch }) => batch);
  const { columns, dictionaries } = layout;
  const isFile = form === 'file';
  const batches = isFile ? [...all.filter(({ dictionary }) => dictionary), ...all.filter(({ dictionary }) => !dictionary)] : all;
  return { form, columns, dictionaries, batches, recordBatches, rows, nulls, codecs };
}

interface Walked extends Pick<IpcBody, 'recordBatches' | 'rows' | 'nulls' | 'codecs'> {
  readonly layout: SchemaLayout;
  /** The bytes of the messages, including the end mark. */
  readonly length: number;
  readonly ended: boolean;
  /** The batches in the form in which a footer lists them. */
  readonly blocks: readonly { readonly type: number; readonly name: string; readonly batch: Batch }[];
}

/** What precedes the metadata of a message. */
interface Prefix {
  /** The number of bytes that it takes itself. */
  readonly length: number;
  /** 0 at the end. */
  readonly metadataLength: number;
}

/**
 * The marker and a length; before Arrow 0.15 only a length. The metadata is padded so that it ends on a multiple of eight bytes, including the prefix.
 * Undefined for anything else. Zeros without a marker count as the end only after messages without markers: elsewhere they may be bytes that were never
 * written.
 */
function prefixAt(view: DataView, at: number, isAfterOld: boolean): Prefix | undefined {
  const first = view.getUint32(at, true);
  if (first === CONTINUATION)
    return at + 8 > view.byteLength ? undefined : { length: 8, metadataLength: view.getInt32(at + 4, true) };
  if (first === 0) return isAfterOld ? { length: 4, metadataLength: 0 } : undefined;
  return first % 8 === 4 && first < MAX_OLD_METADATA ? { length: 4, metadataLength: first } : undefined;
}

/** Data that isn't Arrow must not be taken for a length: the first four bytes of a text are a larger number. */
const MAX_OLD_METADATA = 2 ** 24;

export interface WholeMessages {
  /** Where the last complete message ends, in bytes. */
  readonly end: number;
  readonly batches: number;
}

/**
 * Scans the complete messages of a stream so far, starting where the previous scan ended. Their content isn't checked here: the scan stops at anything that
 * isn't a message, and readIpcBody reports why.
 */
export function wholeMessages(body: Uint8Array, before: WholeMessages = { end: 0, batches: 0 }): WholeMessages {
  const view = new DataView(body.buffer, body.byteOffset, body.length);
  let { end, batches } = before;
  while (end + 8 <= body.length) {
    const prefix = prefixAt(view, end, false);
    if (!prefix || prefix.metadataLength <= 0) break;
    const metadataAt = end + prefix.length;
    const bodyAt = metadataAt + prefix.metadataLength;
    if (bodyAt > body.length) break;
    try {
      const message = rootTable(body.subarray(metadataAt, bodyAt));
      const next = bodyAt + message.i64(MESSAGE.bodyLength);
      if (!(next >= bodyAt && next <= body.length)) break;
      end = next;
      if (message.u8(MESSAGE.headerType) === HEADER.recordBatch) batches++;
    } catch {
      break; // its metadata points outside itself
    }
  }
  return { end, batches };
}

/** The footer of a file has its own schema, by which the file is read; the message with the same schema may be missing. */
function walkMessages(bytes: Uint8Array, { maxRows, maxBytes }: ArrowLimits, footerLayout?: SchemaLayout): Walked {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const blocks: Walked['blocks'][number][] = [];
  const dictionaries = new Set<number>();
  let layout = footerLayout;
  let [messages, isOldPrefix, ended] = [0, false, false];
  let [at, recordBatches, rows, batchColumns, buffers, deltas, unpackedBytes] = [0, 0, 0, 0, 0, 0, 0];
  const codecs = new Set<Codec>();
  const nulls: number[] = [];
  const mostUnpacked = Math.min(maxBytes, UNPACKED_ANYWAY + UNPACKED_RATIO * bytes.length);
  while (at < bytes.length) {
    if (at + 4 > bytes.length) throw cut();
    const prefix = prefixAt(view, at, isOldPrefix);
    if (!prefix) {
      if (view.getUint32(at, true) === CONTINUATION) throw cut();
      throw malformed(messages > 0 ? `message ${messages + 1} has no marker` : "it doesn't begin like Arrow");
    }
    const { metadataLength } = prefix;
    const start = at;
    at += prefix.length;
    if (metadataLength === 0) {
      ended = true;
      break;
    }
    if (metadataLength < 0 || (metadataLength + prefix.length) % 8 !== 0) throw malformed('a message has an impossible length');
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
        throw malformed('the schema in its footer differs from the one at its beginning');
    } else if (!layout) {
      throw malformed("it doesn't begin with a schema");
    } else {
      const isRows = type === HEADER.recordBatch;
      const dictionary = isRows
        ? undefined
        : { id: header.i64(DICTIONARY_BATCH.id), isDelta: header.u8(DICTIONARY_BATCH.isDelta) !== 0 };
      const table = isRows ? header : header.table(DICTIONARY_BATCH.data);
      if (!table) throw malformed('a dictionary is missing');
      const isOld = message.i16(MESSAGE.version) === OLDEST_VERSION;
      if (isOld) checkOldBatch(message, table);
      if (dictionary) {
        const { id, isDelta } = dictionary;
        if (isDelta && !dictionaries.has(id)) throw malformed('a delta dictionary has no base');
        // In a file all dictionaries come before all batches: one that replaces another would change the rows before it.
        if (footerLayout && !isDelta && dictionaries.has(id)) throw malformed('it is a file in which a dictionary is replaced');
        dictionaries.add(id);
        deltas += Number(isDelta);
      } else if (!footerLayout) checkDictionaries(layout, dictionaries);
      const body = bytes.subarray(at, at + bodyLength);
      const batch = readBatchHeader(table, body);
      const fields = dictionary ? valuesOf(layout, dictionary.id) : layout.columns;
      if (isRows && batch.nodes.length !== layout.nodes) throw malformed("the columns of a batch don't match the schema");
      const columns = columnsOf(fields, batch, isOld);
      if (columns.some(({ length }) => length !== batch.rows)) throw malformed("a column isn't as long as its batch");
      // A dictionary of nulls takes no bytes, so a few bytes could declare billions of entries.
      if (dictionary && batch.rows > (batch.unpackedBytes ?? bodyLength))
        throw malformed('a dictionary has more entries than bytes');
      blocks.push({
        type,
        name: blockName(start + MAGIC_PADDED, prefix.length + metadataLength, bodyLength),
        batch: { columns, body, codec: batch.codec, dictionary },
      });
      batchColumns += 1 + batch.nodes.length;
      buffers += batch.buffers.length;
      if (batch.codec) codecs.add(batch.codec);
      unpackedBytes += batch.unpackedBytes ?? 0;
      if (isRows) {
        recordBatches++;
        rows += batch.rows;
        for (const [index, column] of columns.entries()) nulls[index] = (nulls[index] ?? 0) + column.nulls;
      }
      if (rows > maxRows || batch.rows > maxRows)
        throw new IpfsKitError('too-large', `The Arrow body declares more than ${withCommas(maxRows)} rows.`);
      if (deltas > MAX_DELTAS)
        throw new IpfsKitError(
          'too-large',
          `The dictionaries of the Arrow body are extended more than ${withCommas(MAX_DELTAS)} times.`,
        );
      if (batchColumns > MAX_BATCH_COLUMNS || buffers > MAX_BUFFERS || blocks.length - recordBatches > MAX_DICTIONARIES)
        throw new IpfsKitError(
          'too-large',
          `The Arrow body comes in too many pieces: more than ${withCommas(MAX_BATCH_COLUMNS)} columns of batches.`,
        );
      if (unpackedBytes > mostUnpacked)
        throw new IpfsKitError(
          'too-large',
          `The Arrow body of ${withCommas(bytes.length)} bytes decompresses to more than ${withCommas(mostUnpacked)}.`,
        );
    }
    at += bodyLength;
    messages++;
    isOldPrefix = prefix.length === 4;
  }
  if (!layout) throw ended ? malformed('it has no schema') : cut();
  if (recordBatches > 0) checkDictionaries(layout, dictionaries); // in a file, dictionaries may come after the rows
  return { layout, length: at, recordBatches, rows, nulls, codecs, ended, blocks };
}

function valuesOf({ dictionaries }: SchemaLayout, id: number): readonly [Field] {
  const values = dictionaries.get(id);
  if (!values) throw malformed('it has a dictionary that no column needs');
  return [values];
}

/** Other readers reject a batch without its dictionaries, regardless of its indices. */
function checkDictionaries({ dictionaries: needed }: SchemaLayout, dictionaries: ReadonlySet<number>): void {
  for (const id of needed.keys()) if (!dictionaries.has(id)) throw malformed('a batch comes before a dictionary that it needs');
}

/** In version 4, only the metadata of a message declares compression; pyarrow follows that, and would read different rows. */
function checkOldBatch(message: FlatTable, batch: FlatTable): void {
  if (batch.table(BATCH_COMPRESSION) || message.tables(MESSAGE.metadata).length > 0)
    throw new IpfsKitError(
      'unsupported',
      'The Arrow body uses metadata version 4 with compressed batches or batch metadata, which only version 5 allows.',
    );
}

/** Returns the length of the message's body in bytes. */
function checkEnvelope(message: FlatTable): number {
  checkVersion(message.i16(MESSAGE.version));
  const type = message.u8(MESSAGE.headerType);
  if (type !== HEADER.schema && type !== HEADER.recordBatch && type !== HEADER.dictionaryBatch)
    throw new IpfsKitError('unsupported', `The Arrow body holds a message of type ${type}, which isn't part of a table.`);
  const bodyLength = message.i64(MESSAGE.bodyLength);
  if (bodyLength < 0 || bodyLength > Number.MAX_SAFE_INTEGER || bodyLength % 8 !== 0)
    throw malformed('a message has an impossible body length');
  return bodyLength;
}

function checkVersion(version: number): void {
  if (version < OLDEST_VERSION || version > NEWEST_VERSION)
    throw new IpfsKitError('unsupported', `The Arrow body uses metadata version ${version + 1}; versions 4 and 5 are supported.`);
}

/** A batch as listed in a footer, in bytes. The length of its metadata includes the eight bytes before it. */
function blockName(offset: number, metadataLength: number, bodyLength: number): string {
  return `${offset}+${metadataLength}+${bodyLength}`;
}

function latin1(bytes: Uint8Array, from: number, to: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1', from, to);
}

function isZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}

function cut(): IpfsKitError {
  return new IpfsKitError('truncated', 'The Arrow body ends early.');
}
