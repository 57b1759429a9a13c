import type { GrowingBuffer } from '../../daemonClient/growingBuffer';
import { readJsonList } from '../../daemonClient/jsonList';
import { COMMA, jsonScan, NULL, OPEN_OBJECT, QUOTE, stringAt } from '../../daemonClient/jsonScan';
import { IpfsKitError } from '../../base/ipfsKitError';
import { withCommas } from '../../base/withCommas';
import { noPin } from './jsonLine';
import { pacer } from '../../base/stepByStep';

/** The largest `Keys` object in one piece, in bytes: some 700,000 pins. */
export const MOST_KEYS_BYTES = 2 ** 26;
const MOST_PIN_BYTES = 2 ** 20;

/**
 * Whether the first line begins a `{"Keys":…}`, the form in which Kubo lists pins for clients that don't request a stream, and some proxies for all clients.
 * The object may continue on further lines. A line with only a brace can't be part of a stream, so it counts too.
 */
export function mayBeKeys(line: Buffer, from: number, to: number): boolean {
  const end = Math.min(to, from + LONGEST_BEGINNING);
  return /^\{\s*(?:"Keys"\s*(?::|$)|$)/.test(line.toString('latin1', from, end) + (end < to ? '…' : ''));
}

/** Adds a line to the object. Throws `too-large`. */
export function addLine(keys: GrowingBuffer, line: Uint8Array, list: string): void {
  if (keys.length + line.length >= MOST_KEYS_BYTES)
    throw new IpfsKitError('too-large', `${list} sent pins in one piece of more than ${withCommas(MOST_KEYS_BYTES)} bytes.`);
  keys.add(line);
  keys.add(NEWLINE);
}

const NEWLINE = Buffer.from('\n');

const LONGEST_BEGINNING = 32;

/**
 * Calls `take` for each pin of `{"Keys":{CID:{"Type","Name"?}}}`, in order; `null` is an empty list. Rejects with IpfsKitError: `malformed` with the list in
 * its message, `too-large` for a pin, `cancelled`.
 */
export async function readKeys(
  line: Uint8Array,
  list: string,
  signal: AbortSignal,
  take: (cid: string, pin: Readonly<Record<string, unknown>>) => void,
): Promise<void> {
  const scan = jsonScan(line, list);
  const { bytes, blanks } = scan;
  const due = pacer(signal);
  const nothing = { begin: () => ({ end: scan.value, take: () => undefined }), lists: [], mostRows: 0, mostRowBytes: 0 };
  const keys = (await readJsonList(scan, { ...nothing, what: list, members: ['Keys'], due })).members.get('Keys');
  const first = bytes[keys?.from ?? 0];
  if (keys && first === NULL) return;
  if (!keys || first !== OPEN_OBJECT) throw noPin(list);
  // readJsonList has checked that the text is JSON.
  for (let at = blanks(keys.from + 1); bytes[at] === QUOTE;) {
    const end = scan.string(at);
    const from = blanks(blanks((end < 0 ? ~end : end) + 1) + 1);
    const to = scan.value(from);
    if (bytes[from] !== OPEN_OBJECT) throw noPin(list);
    if (to - at > MOST_PIN_BYTES)
      throw new IpfsKitError('too-large', `${list} sent a pin of more than ${withCommas(MOST_PIN_BYTES)} bytes.`);
    take(stringAt(scan, at, end), JSON.parse(bytes.toString('utf8', from, to)) as Readonly<Record<string, unknown>>);
    const rest = due();
    if (rest) await rest;
    at = blanks(to);
    if (bytes[at] === COMMA) at = blanks(at + 1);
  }
}
