import { IpfsKitError } from '../ipfsKitError';

/**
 * Walks the messages of an Arrow IPC body before any decoder sees them: lengths inside the bytes, rows in range, buffers inside their body,
 * end of stream present. apache-arrow takes an empty, cut or lying body for a good one, and hangs on some.
 * Format: arrow.apache.org/docs/format/Columnar.html, "Encapsulated message format"; tables: Message.fbs and Schema.fbs of the specification.
 */
export interface ArrowLimits {
  readonly maxBytes: number;
  readonly maxRows: number;
}

export const ARROW_LIMITS: ArrowLimits = { maxBytes: 2 ** 30, maxRows: 50_000_000 };

export interface Framing {
  readonly form: 'stream' | 'file';
  /** The messages, in stream form. A file is a stream between two magics, with a footer that is not needed. */
  readonly stream: Uint8Array;
  readonly batches: number;
  readonly rows: number;
  /** 0 for LZ4_FRAME, 1 for ZSTD. */
  readonly compression?: number;
}

const MAGIC = 'ARROW1';
const CONTINUATION = 0xffffffff;
const HEADER = { schema: 1, dictionaryBatch: 2, recordBatch: 3 } as const;

/** Throws IpfsKitError: empty, malformed, truncated, unsupported, too-large. */
export function walkFraming(body: Uint8Array, limits: ArrowLimits = ARROW_LIMITS): Framing {
  if (body.length === 0) throw new IpfsKitError('empty', 'The Arrow body is empty.');
  if (body.length > limits.maxBytes)
    throw new IpfsKitError('too-large', `The Arrow body has more than ${limits.maxBytes.toLocaleString('en-US')} bytes.`);
  if (Buffer.from(body.buffer, body.byteOffset, Math.min(6, body.length)).toString('latin1') !== MAGIC)
    return { form: 'stream', ...walkStream(body, true, limits) };
  const inner = streamOfFile(body);
  return { form: 'file', ...walkStream(inner, false, limits) };
}

/** What lies between the leading magic (padded to 8) and the footer. */
function streamOfFile(body: Uint8Array): Uint8Array {
  const end = body.length - 10;
  const tail = Buffer.from(body.buffer, body.byteOffset + Math.max(0, end), body.length - Math.max(0, end));
  if (end < 8 || tail.toString('latin1', 4) !== MAGIC)
    throw new IpfsKitError('truncated', 'The Arrow file ends before its footer.');
  const footer = tail.readInt32LE(0);
  if (footer <= 0 || footer > end - 8)
    throw new IpfsKitError('malformed', 'The Arrow file has a footer length outside of the file.');
  return body.subarray(8, end - footer);
}

function walkStream(bytes: Uint8Array, needsEnd: boolean, { maxRows }: ArrowLimits): Omit<Framing, 'form'> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let at = 0;
  let messages = 0;
  let batches = 0;
  let rows = 0;
  let compression: number | undefined;
  let ended = false;
  while (at < bytes.length) {
    if (at + 8 > bytes.length) throw cut();
    if (view.getUint32(at, true) !== CONTINUATION)
      throw malformed(messages === 0 ? 'it does not begin like one' : `message ${messages + 1} has no marker`);
    const metadataLength = view.getInt32(at + 4, true);
    at += 8;
    if (metadataLength === 0) {
      ended = true;
      break;
    }
    if (metadataLength < 0 || metadataLength % 8 !== 0) throw malformed('a message has an impossible length');
    if (at + metadataLength > bytes.length) throw cut();
    const message = readMessage(new DataView(bytes.buffer, bytes.byteOffset + at, metadataLength));
    at += metadataLength;
    if (message.bodyLength < 0 || message.bodyLength > Number.MAX_SAFE_INTEGER)
      throw malformed('a message has an impossible body length');
    if (at + message.bodyLength > bytes.length) throw cut();
    if ((messages === 0) !== (message.type === HEADER.schema))
      throw malformed(messages === 0 ? 'it does not begin with a schema' : 'it has a second schema');
    if (message.type !== HEADER.schema && message.type !== HEADER.recordBatch && message.type !== HEADER.dictionaryBatch)
      throw new IpfsKitError(
        'unsupported',
        `The Arrow body holds a message of type ${message.type}, which is no part of a table.`,
      );
    at += message.bodyLength;
    messages++;
    if (message.type === HEADER.recordBatch) {
      batches++;
      rows += message.rows;
    }
    compression ??= message.compression;
    if (rows > maxRows || message.rows > maxRows)
      throw new IpfsKitError('too-large', `The Arrow body declares more than ${maxRows.toLocaleString('en-US')} rows.`);
  }
  if (messages === 0) throw ended ? malformed('it has no schema') : cut();
  if (!ended && needsEnd) throw cut();
  return { stream: bytes.subarray(0, at), batches, rows, ...(compression !== undefined && { compression }) };
}

interface MessageSummary {
  readonly type: number;
  readonly bodyLength: number;
  readonly rows: number;
  readonly compression?: number;
}

function readMessage(view: DataView): MessageSummary {
  try {
    const message = rootTable(view);
    const type = message.u8(1);
    const bodyLength = message.i64(3);
    const header = message.table(2);
    if (!header) throw malformed('a message has no header');
    if (type === HEADER.schema) {
      if (header.i16(0) !== 0) throw new IpfsKitError('unsupported', 'The Arrow body is big-endian, which is not read.');
      checkSchema(header);
      return { type, bodyLength, rows: 0 };
    }
    const batch = type === HEADER.dictionaryBatch ? header.table(1) : type === HEADER.recordBatch ? header : undefined;
    return batch ? { type, bodyLength, ...readBatch(batch, bodyLength) } : { type, bodyLength, rows: 0 };
  } catch (error) {
    if (IpfsKitError.is(error)) throw error;
    throw malformed('the metadata of a message is broken', error); // an offset led out of the metadata
  }
}

const MAX_FIELDS = 4096;
const MAX_DEPTH = 32;

/** Every name and list of the schema lies inside of its message: a decoder that trusts their lengths fills the memory. */
function checkSchema(schema: Table): void {
  let left = MAX_FIELDS;
  const checkMetadata = (pairs: readonly Table[]): void => {
    for (const pair of pairs) for (const part of [0, 1]) pair.checkText(part);
  };
  const checkFields = (fields: readonly Table[], depth: number): void => {
    left -= fields.length;
    if (left < 0 || depth > MAX_DEPTH)
      throw new IpfsKitError('unsupported', 'The Arrow schema has too many columns, or nests them too deep.');
    for (const field of fields) {
      field.checkText(0);
      field.table(3);
      field.table(4)?.table(1);
      checkFields(field.tables(5), depth + 1);
      checkMetadata(field.tables(6));
    }
  };
  checkFields(schema.tables(1), 1);
  checkMetadata(schema.tables(2));
}

function readBatch(batch: Table, bodyLength: number): Pick<MessageSummary, 'rows' | 'compression'> {
  const rows = batch.i64(0);
  if (rows < 0) throw malformed('a batch has a negative number of rows');
  for (const [offset, length] of batch.pairs(2)) {
    if (offset < 0 || length < 0 || offset + length > bodyLength) throw malformed('a buffer lies outside of its message');
    if (offset % 8 !== 0) throw malformed('a buffer is not aligned');
  }
  for (const [length, nulls] of batch.pairs(1))
    if (length < 0 || nulls < 0 || nulls > length) throw malformed('a column has impossible counts');
  const compression = batch.table(3);
  return compression ? { rows, compression: compression.u8(0) } : { rows };
}

/** A flatbuffer table: fields by number, defaults where one is absent. Reads outside of the view throw RangeError. */
interface Table {
  u8(field: number): number;
  i16(field: number): number;
  i64(field: number): number;
  table(field: number): Table | undefined;
  /** A vector of tables. */
  tables(field: number): Table[];
  /** Throws unless the text lies inside. */
  checkText(field: number): void;
  /** A vector of structs of two int64. */
  pairs(field: number): [number, number][];
}

function rootTable(view: DataView): Table {
  return tableAt(view, view.getUint32(0, true));
}

function tableAt(view: DataView, at: number): Table {
  const vtable = at - view.getInt32(at, true);
  const size = view.getUint16(vtable, true);
  const place = (field: number): number => {
    const entry = 4 + 2 * field;
    const offset = entry + 2 <= size ? view.getUint16(vtable + entry, true) : 0;
    return offset === 0 ? 0 : at + offset;
  };
  const scalar = (field: number, read: (where: number) => number): number => {
    const where = place(field);
    return where === 0 ? 0 : read(where);
  };
  return {
    u8: (field) => scalar(field, (where) => view.getUint8(where)),
    i16: (field) => scalar(field, (where) => view.getInt16(where, true)),
    i64: (field) => scalar(field, (where) => Number(view.getBigInt64(where, true))),
    table: (field) => {
      const where = place(field);
      return where === 0 ? undefined : tableAt(view, where + view.getUint32(where, true));
    },
    tables: (field) => {
      const where = place(field);
      if (where === 0) return [];
      const vector = where + view.getUint32(where, true);
      const count = view.getUint32(vector, true);
      if (vector + 4 + 4 * count > view.byteLength) throw malformed('a list in the metadata is longer than the metadata');
      if (count > MAX_FIELDS) throw new IpfsKitError('unsupported', 'The Arrow schema has too many columns.');
      return Array.from({ length: count }, (_, index) => {
        const at = vector + 4 + 4 * index;
        return tableAt(view, at + view.getUint32(at, true));
      });
    },
    checkText: (field) => {
      const where = place(field);
      if (where === 0) return;
      const text = where + view.getUint32(where, true);
      if (text + 4 + view.getUint32(text, true) > view.byteLength)
        throw malformed('a text in the metadata is longer than the metadata');
    },
    pairs: (field) => {
      const where = place(field);
      if (where === 0) return [];
      const vector = where + view.getUint32(where, true);
      const count = view.getUint32(vector, true);
      if (vector + 4 + 16 * count > view.byteLength) throw malformed('a list in the metadata is longer than the metadata');
      return Array.from({ length: count }, (_, index): [number, number] => {
        const pair = vector + 4 + 16 * index;
        return [Number(view.getBigInt64(pair, true)), Number(view.getBigInt64(pair + 8, true))];
      });
    },
  };
}

function malformed(what: string, cause?: unknown): IpfsKitError {
  return new IpfsKitError('malformed', `The body is no sound Arrow IPC stream: ${what}.`, { cause });
}

function cut(): IpfsKitError {
  return new IpfsKitError('truncated', 'The Arrow body breaks off before its end.');
}
