import { readJsonList } from '../daemonClient/jsonList';
import { COMMA, jsonScan, NULL, OPEN_OBJECT, QUOTE, stringAt } from '../daemonClient/jsonScan';
import { IpfsKitError } from '../ipfsKitError';
import { withCommas } from '../withCommas';
import { noPin } from './jsonLine';
import { pacer } from './stepByStep';

/** Of `Keys` in one piece: some 700,000 pins. */
export const MOST_KEYS_BYTES = 2 ** 26;
const MOST_PIN_BYTES = 2 ** 20;

/** Whether a line is `{"Keys":…}`: how Kubo tells pins to a client that asks for no stream, and some proxies to all clients. */
export function isKeys(line: Buffer, from: number): boolean {
  return /^\{\s*"Keys"\s*:/.test(line.toString('latin1', from, from + LONGEST_BEGINNING));
}

const LONGEST_BEGINNING = 32;

/**
 * Takes the pins of `{"Keys":{CID:{"Type","Name"?}}}` one by one, in order; `null` is none. Rejects with IpfsKitError: malformed, naming the list,
 * too-large (a pin), cancelled.
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
  if (!keys || first === NULL) return;
  if (first !== OPEN_OBJECT) throw noPin(list);
  // It is known to be JSON by now.
  for (let at = blanks(keys.from + 1); bytes[at] === QUOTE;) {
    const end = scan.string(at);
    const from = blanks(blanks((end < 0 ? ~end : end) + 1) + 1);
    const to = scan.value(from);
    if (bytes[from] !== OPEN_OBJECT) throw noPin(list);
    if (to - at > MOST_PIN_BYTES)
      throw new IpfsKitError('too-large', `${list} sends a pin of more than ${withCommas(MOST_PIN_BYTES)} bytes.`);
    take(stringAt(scan, at, end), JSON.parse(bytes.toString('utf8', from, to)) as Readonly<Record<string, unknown>>);
    const rest = due();
    if (rest) await rest;
    at = blanks(to);
    if (bytes[at] === COMMA) at = blanks(at + 1);
  }
}
