/** One measurement in a separate process: `measure.js FOLDER PINS DAYS`, the answer as JSON. 1 % of the pins change each day: half of these are gone, half are new. */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { changesSince } from '../../src/history/askHistory';
import { keepHistory } from '../../src/history/keepHistory';
import { toBase32 } from '../../src/pin/multibase';
import type { Pin } from '../../src/pin/pin';

const [, , folder = '', pins = '', days = ''] = process.argv;
const [PINS, DAYS] = [Number(pins), Number(days)];
const NEVER = new AbortController().signal;
const DAY_MS = 86_400_000;
const BEGINS = Date.UTC(2026, 0, 1, 12);
const STRETCH = 2000;
const place = { folder, source: 'bench' };

const made: Pin[] = [];
function pin(at: number): Pin {
  const digest = createHash('sha256').update(String(at)).digest();
  return (made[at] ??= {
    cid: toBase32(Buffer.from([1, 0x70, 0x12, 32, ...digest])),
    name: `pin number ${at}`,
    status: 'pinned',
  });
}

/** The list of a day. */
function walk(day: number): () => Promise<readonly Pin[]> {
  const from = (day * PINS) / 200;
  let at = from;
  return () => {
    const stretch: Pin[] = [];
    for (; stretch.length < STRETCH && at < from + PINS; at++) stretch.push(pin(at));
    return Promise.resolve(stretch);
  };
}

const bytes = (): number => readdirSync(folder).reduce((sum, name) => sum + statSync(path.join(folder, name)).size, 0);

async function measured(): Promise<object> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const keptMs: number[] = [];
  const sizes: number[] = [];
  for (let day = 0; day <= DAYS; day++) {
    const next = walk(day);
    for (let at = 0; at < PINS; at++) pin(at + (day * PINS) / 200);
    const began = performance.now();
    await keepHistory({ ...place, atMs: BEGINS + day * DAY_MS, withStatuses: true, removed: [], limit: 100 }, next, NEVER);
    keptMs.push(performance.now() - began);
    sizes.push(bytes());
  }
  const question = async (since: number): Promise<number> => {
    const began = performance.now();
    await changesSince({ ...place, sinceMs: BEGINS + since * DAY_MS, limit: 1000 }, NEVER);
    return performance.now() - began;
  };
  const [first = 0, last = 0] = [sizes[0], sizes.at(-1)];
  return {
    firstMs: keptMs[0],
    keptMs: Math.min(...keptMs.slice(1)),
    dayMs: await question(DAYS - 1),
    allMs: await question(0),
    listBytes: first,
    dayBytes: (last - first) / DAYS,
  };
}

void measured().then((answer) => process.stdout.write(JSON.stringify(answer)));
