import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { IpfsKitError } from '../../src/base/ipfsKitError';
import type { Pin } from '../../src/pin/pin';
import { readArrow } from '../../src/arrow/arrowReader';
import type { ArrowOracle, Damage } from './oracle';

export interface DamagedBodies {
  readonly cases: number;
  /** The number of damaged bodies that both readers read, with the same pins. */
  readonly read: number;
  /** The number of bodies that pyarrow reads and IPFS Kit rejects, by IPFS Kit's message. */
  readonly stricter: ReadonlyMap<string, number>;
  /** One line per failure: pins other than pyarrow's, pins where pyarrow rejects the body, or an error that is not an IpfsKitError. */
  readonly wrong: readonly string[];
  readonly slowest: { readonly milliseconds: number; readonly what: string };
}

const SLOW_MS = 100;
const going = new AbortController().signal;

/** Reads a body once for each damage, and compares with what pyarrow reads of the same bytes. */
export async function readDamagedBodies(
  file: string,
  damages: Iterable<Damage>,
  oracle: ArrowOracle,
  read: (body: Uint8Array) => Promise<readonly Pin[]> = pinsOf,
): Promise<DamagedBodies> {
  const whole = readFileSync(file);
  const stricter = new Map<string, number>();
  const wrong: string[] = [];
  let [cases, same] = [0, 0];
  let slowest = { milliseconds: 0, what: '' };
  for (const damage of damages) {
    cases++;
    const what = JSON.stringify(damage);
    const asked = oracle.judge(file, damage);
    const body = damaged(whole, damage);
    const started = performance.now();
    const ours = await read(body).catch((error: unknown) => error);
    let milliseconds = performance.now() - started;
    if (milliseconds > SLOW_MS) {
      const again = performance.now(); // Another process may have used the core, so the time is measured again.
      await read(body).catch(() => undefined);
      milliseconds = Math.min(milliseconds, performance.now() - again);
    }
    if (milliseconds > slowest.milliseconds) slowest = { milliseconds, what };
    const theirs = await asked;
    if (!Array.isArray(ours)) {
      if (!IpfsKitError.is(ours) || ours.reason === 'internal') wrong.push(`${what}: ${String(ours)}`);
      else if (!('refused' in theirs)) {
        const said = ours.message.replaceAll(/\d[\d,]*/g, 'N');
        stricter.set(said, (stricter.get(said) ?? 0) + 1);
      }
    } else if ('refused' in theirs) wrong.push(`${what}: gives pins; pyarrow: ${theirs.refused}`);
    else if (isDeepStrictEqual(ours, theirs)) same++;
    else wrong.push(`${what}: ${differenceOf(ours as Pin[], theirs)}`);
  }
  return { cases, read: same, stricter, wrong, slowest };
}

/** Every cut: the body ends after 0 to `length` - 1 bytes. */
export function* cuts(length: number): Generator<Damage> {
  for (let cut = 0; cut < length; cut++) yield { cut };
}

/** Every byte with all its bits inverted, and every single bit inverted. */
export function* flips(length: number): Generator<Damage> {
  for (let at = 0; at < length; at++) for (const xor of [0xff, 0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40, 0x80]) yield { at, xor };
}

export async function pinsOf(body: Uint8Array): Promise<readonly Pin[]> {
  const table = await readArrow(body);
  try {
    return await table.page({ limit: 10_000 }, going);
  } finally {
    table.close();
  }
}

function damaged(whole: Uint8Array, damage: Damage): Uint8Array {
  if ('cut' in damage) return whole.subarray(0, damage.cut);
  const body = Uint8Array.from(whole);
  body[damage.at] = (body[damage.at] ?? 0) ^ damage.xor;
  return body;
}

function differenceOf(ours: readonly Pin[], theirs: readonly Pin[]): string {
  if (ours.length !== theirs.length) return `${ours.length} pins; pyarrow: ${theirs.length}`;
  const row = ours.findIndex((pin, at) => !isDeepStrictEqual(pin, theirs[at]));
  return `pin ${row} is ${JSON.stringify(ours[row])}; pyarrow: ${JSON.stringify(theirs[row])}`;
}
