import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { IpfsKitError } from '../../src/base/ipfsKitError';
import type { Pin } from '../../src/pin/pin';
import { readArrow } from '../../src/arrow/arrowReader';
import type { ArrowOracle, Damage } from './oracle';

export interface DamagedBodies {
  readonly cases: number;
  /** Of these both give the same pins. */
  readonly read: number;
  /** pyarrow gives rows, we refuse: by what we say, how many. */
  readonly stricter: ReadonlyMap<string, number>;
  /** Other pins than pyarrow, pins where it refuses, or an error that is none of ours. */
  readonly wrong: readonly string[];
  readonly slowest: { readonly milliseconds: number; readonly what: string };
}

const SLOW_MS = 100;
const going = new AbortController().signal;

/** Reads a body with each damage, and asks pyarrow about the same bytes. */
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
      const again = performance.now(); // another process may have had the core
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

/** Every cut. */
export function* cuts(length: number): Generator<Damage> {
  for (let cut = 0; cut < length; cut++) yield { cut };
}

/** Every byte turned over, and every bit. */
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
