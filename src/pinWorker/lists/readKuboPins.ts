/** Reads the pins of Kubo by its RPC API. Loaded with the first such list. */
import type { GrowingBuffer } from '../../daemonClient/growingBuffer';
import { createGrowingBuffer } from '../../daemonClient/growingBuffer';
import { readLines } from '../../daemonClient/lineStream';
import type { RpcAccess } from '../../daemonClient/rpcAccess';
import { IpfsKitError } from '../../base/ipfsKitError';
import type { Column } from '../../pin/columnSource';
import { withCommas } from '../../base/withCommas';
import { textBuilder, noTexts, sourceOf, textBudget } from '../../columns/columnBuilders';
import type { StreamedListOptions, StreamedList } from './streamedList';
import { leftOut, showAsItComes } from './streamedList';
import { isSpelled, KEPT_TEXT, LONGEST_CID, newSpans, noPin, objectInLine, plainFields, keptTextIn } from './jsonLine';
import { addLine, mayBeKeys, MOST_KEYS_BYTES, readKeys } from './kuboKeys';
import { rowsByText } from '../../columns/rowsByText';
import { forEachBlock } from '../../base/stepByStep';

export interface KuboQuery {
  readonly access: RpcAccess;
  /** Whether indirect pins are listed too: Kubo walks all recursive pins before its first byte. */
  readonly indirect: boolean;
}

type PinType = 'recursive' | 'direct' | 'indirect';

/** Timeouts for a list; even a slow one stays within them. */
const LIMITS = { headersMs: 30_000, stallMs: 30_000, totalMs: 30 * 60_000 };
const INDIRECT_HEADERS_MS = 180_000;
/** The longest line with one pin. */
const MOST_LINE_BYTES = 2 ** 20;
/** How many unrequested types are counted separately, and how many bytes of a type are compared. */
const MOST_TYPES = 50;
const LONGEST_TYPE = 32;

/**
 * Lists the pins twice: without names, which is four times as fast, and then with names. Pins that were added in between come last; pins that were removed stay
 * until the list is read again. Pins of a type that wasn't requested are left out: the proxy of an IPFS Cluster ignores the type and lists all pins. If the
 * second list fails, pins have no names (`namesMissing`). If the first is cut off, the result has the pins before that and `incomplete`. Rejects with an
 * IpfsKitError where no pin came, or a line is invalid.
 */
export async function readKuboPins({ access, indirect }: KuboQuery, options: StreamedListOptions): Promise<StreamedList> {
  const { signal, onReceived, onSoFar } = options;
  const types: readonly PinType[] = indirect ? ['recursive', 'direct', 'indirect'] : ['recursive', 'direct'];
  const detail = `pin/ls, ${types.join(', ')}`;
  const budget = textBudget(options.mostTextBytes);
  const [cids, pinTypes] = [textBuilder(budget), textBuilder(budget)];
  const columnsWith = (names: Column) => sourceOf({ cid: cids.now(), name: names, type: pinTypes.now() });
  let before = 0;
  /** For each unrequested type, the largest number of its pins in one list. */
  const others = new Map<string, number>();

  const read = async (type: PinType, names: boolean, onPin: (pin: KuboPin) => void, onPins?: () => void): Promise<void> => {
    const route = `/api/v0/pin/ls?stream=true&type=${type}${names ? '&names=true' : ''}`;
    const list = access.url + route;
    const pin = pinReader(list);
    const asked = Buffer.from(type);
    const foreign = new Map<string, number>();
    const take = (found: KuboPin): void => {
      const { bytes, from, to } = found.type;
      if (from === to || isSpelled(bytes, from, to, asked)) return onPin(found);
      if (names) return;
      const spelled = Buffer.from(bytes.buffer, bytes.byteOffset + from, Math.min(to - from, LONGEST_TYPE)).toString('latin1');
      const kind = foreign.has(spelled) || foreign.size < MOST_TYPES ? spelled : '';
      const count = (foreign.get(kind) ?? 0) + 1;
      foreign.set(kind, count);
      others.set(kind, Math.max(others.get(kind) ?? 0, count));
    };
    let isFirst = true;
    let keys: GrowingBuffer | undefined;
    const { bytes } = await readLines(access, route, {
      ...LIMITS,
      limits: { maxLineBytes: MOST_KEYS_BYTES },
      headersMs: type === 'indirect' ? INDIRECT_HEADERS_MS : LIMITS.headersMs,
      method: 'POST',
      signal,
      onLine: (line, from, to) => {
        if (isFirst && mayBeKeys(line, from, to)) keys = createGrowingBuffer(to - from);
        isFirst = false;
        if (keys) addLine(keys, line.subarray(from, to), list);
        else if (to - from <= MOST_LINE_BYTES) take(pin(line, from, to));
        else throw new IpfsKitError('too-large', `${list} sent a line of more than ${withCommas(MOST_LINE_BYTES)} bytes.`);
      },
      onReceived: (received) => {
        onReceived(before + received);
        onPins?.();
      },
    });
    before += bytes;
    if (keys) await readKeys(keys.bytes(), list, signal, (cid, of) => take(pinOf(list, { ...of, Cid: cid })));
  };
  const add = ({ cid, type }: KuboPin): void => {
    cids.add(cid.bytes, cid.from, cid.to);
    pinTypes.add(type.bytes, type.from, type.to);
  };

  /** The number of rows after the list of each type. */
  const ends: number[] = [];
  const showing = showAsItComes(() => onSoFar(columnsWith(noTexts(cids.rows)), detail));
  let incomplete: IpfsKitError | undefined;
  try {
    for (const type of types) {
      await read(type, false, add, () => showing.look(cids.rows));
      ends.push(cids.rows);
    }
  } catch (error) {
    incomplete = IpfsKitError.from(error);
    // Earlier complete lists and the complete lines of this one are usable, but not if a line of it is invalid.
    const isUseful = cids.rows > 0 && (ends.length > 0 || IpfsKitError.is(error, ...BROKEN_OFF));
    if (IpfsKitError.is(error, 'cancelled') || !isUseful) throw incomplete;
  } finally {
    showing.stop();
  }
  const nameless = columnsWith(noTexts(cids.rows));
  // The proxy of a cluster repeats each pin in every list, so only the largest number of each type counts.
  const unlisted = [...others.values()].reduce((sum, count) => sum + count, 0);
  const list = { detail, ...leftOut({ 'with a type that was not requested': unlisted }) };
  if (incomplete) return { ...list, columns: nameless, incomplete, namesMissing: incomplete };
  if (cids.rows === 0) return { ...list, columns: nameless };

  onSoFar(nameless, detail);
  try {
    const names = textBuilder(budget);
    const nameOf = new Int32Array(cids.rows).fill(-1);
    const added: number[] = [];
    const known = cids.parts();
    let first = 0;
    for (const [index, type] of types.entries()) {
      const end = ends[index] ?? 0;
      if (end > first && type !== 'indirect') {
        const rows = await rowsByText(known, first, end, signal);
        await read(type, true, (pin) => {
          const { cid, name } = pin;
          const row = rows.rowOf(cid.bytes, cid.from, cid.to);
          const text = name.to > name.from ? names.rows : -1;
          if (text >= 0) names.add(name.bytes, name.from, name.to);
          if (row >= 0) nameOf[row] = text;
          else {
            add(pin);
            added.push(text);
          }
        });
      }
      first = end;
    }
    const inOrder = textBuilder(budget);
    const parts = names.parts();
    await forEachBlock(
      cids.rows,
      (from, to) => {
        for (let row = from; row < to; row++) {
          const text = nameOf[row] ?? added[row - nameOf.length] ?? -1;
          const part = parts[text >>> 16];
          const at = text & 0xffff;
          if (text < 0 || !part) inOrder.addText(undefined);
          else inOrder.add(part.bytes, part.offsets[at] ?? 0, part.offsets[at + 1] ?? 0);
        }
      },
      signal,
    );
    return { ...list, columns: columnsWith(inOrder.now()) };
  } catch (error) {
    if (signal.aborted || IpfsKitError.is(error, 'cancelled')) throw error;
    return { ...list, columns: nameless, namesMissing: IpfsKitError.from(error) };
  }
}

const BROKEN_OFF = ['truncated', 'timeout', 'too-large'] as const;

/** The bytes of a text from `from` to `to`; `from` equals `to` for an empty text. */
interface Span {
  readonly bytes: Uint8Array;
  readonly from: number;
  readonly to: number;
}

/** A pin in the bytes of its line, valid only until the next line is read. */
interface KuboPin {
  readonly cid: Span;
  readonly name: Span;
  readonly type: Span;
}

const NOWHERE: Span = { bytes: new Uint8Array(0), from: 0, to: 0 };
const [CID, NAME, TYPE] = ['Cid', 'Name', 'Type'].map((key) => Buffer.from(key)) as [Buffer, Buffer, Buffer];

/** Gives a function that reads `{"Cid","Name"?,"Type"}` from a line. It throws `malformed`. */
function pinReader(list: string): (line: Buffer, from: number, to: number) => KuboPin {
  const spans = newSpans();
  return (line, from, to) => {
    const pin = { cid: NOWHERE, name: NOWHERE, type: NOWHERE };
    const fields = plainFields(line, from, to, spans);
    for (let at = 0; at < 4 * fields; at += 4) {
      const [start, end] = [spans[at] ?? 0, spans[at + 1] ?? 0];
      const text = { bytes: line, from: spans[at + 2] ?? 0, to: spans[at + 3] ?? 0 };
      if (isSpelled(line, start, end, CID)) pin.cid = text;
      else if (isSpelled(line, start, end, TYPE)) pin.type = cut(text);
      else if (isSpelled(line, start, end, NAME)) pin.name = cut(text);
    }
    return fields < 0 ? pinOf(list, objectInLine(line, from, to, list)) : checked(list, pin);
  };
}

function pinOf(list: string, { Cid, Name, Type }: Readonly<Record<string, unknown>>): KuboPin {
  return checked(list, { cid: spanOf(Cid), name: spanOf(Name), type: spanOf(Type) });
}

function checked(list: string, pin: KuboPin): KuboPin {
  const length = pin.cid.to - pin.cid.from;
  if (length === 0 || length > LONGEST_CID) throw noPin(list);
  return pin;
}

/** Cuts a text as keptTextIn does. Plain fields are ASCII, so each byte is a character. */
function cut(text: Span): Span {
  return text.to - text.from > KEPT_TEXT ? { ...text, to: text.from + KEPT_TEXT } : text;
}

function spanOf(value: unknown): Span {
  const text = keptTextIn(value);
  if (text === undefined) return NOWHERE;
  const bytes = Buffer.from(text);
  return { bytes, from: 0, to: bytes.length };
}
