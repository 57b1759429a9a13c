/** Reads damaged Arrow bodies for as long as its arguments say, which come from scripts/torture.mjs. */
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { cuts, flips, pinsOf, readDamagedBodies } from './damagedBodies';
import { makeBodies } from './makeBodies';
import type { Damage } from './oracle';
import { startArrowOracle } from './oracle';

const MOST_SHOWN = 5;
const MOST_MS = 1000;
const MOST_GROWTH_MIB = 256;

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { stride: { type: 'string' }, bodies: { type: 'string' } } });
  const stride = Number(values.stride ?? 1);
  const folder = mkdtempSync(path.join(tmpdir(), 'arrow-damage-'));
  const oracle = startArrowOracle();
  let failed = 0;
  try {
    makeBodies(folder);
    const files = readdirSync(folder)
      .filter((name) => !values.bodies || name.includes(values.bodies))
      .map((name) => path.join(folder, name));
    for (const file of files) await pinsOf(readFileSync(file)); // Reading each body once loads the code, so that it isn't counted as growth.
    const before = process.memoryUsage.rss();
    for (const file of files) {
      const { length } = readFileSync(file);
      for (const [what, damages] of [
        ['cut', cuts(length)],
        ['flipped', everyNth(flips(length), stride)],
      ] as const) {
        const { cases, read, stricter, wrong, slowest } = await readDamagedBodies(file, damages, oracle);
        const refused = [...stricter].sort(([, a], [, b]) => b - a);
        const problems = [...wrong];
        if (slowest.milliseconds > MOST_MS) problems.push(`${slowest.what} took ${slowest.milliseconds.toFixed(0)} ms`);
        if (problems.length > 0) failed++;
        const figures = [
          `${cases} bodies of ${length} bytes`,
          `${read} read as pyarrow reads them`,
          `${refused.reduce((sum, [, count]) => sum + count, 0)} refused that pyarrow reads`,
          `${wrong.length} wrong`,
          `slowest ${slowest.milliseconds.toFixed(0)} ms`,
        ];
        tell(`${problems.length === 0 ? '✓' : '✖'} ${path.basename(file)}, ${what}: ${figures.join('; ')}`);
        for (const each of problems.slice(0, MOST_SHOWN)) tell(`    ${each}`);
        for (const [said, count] of refused) tell(`    ${count} × ${said}`);
      }
    }
    const growth = (process.resourceUsage().maxRSS * 1024 - before) / 2 ** 20;
    tell(`${growth > MOST_GROWTH_MIB ? '✖' : '✓'} the process grew by ${growth.toFixed(0)} MiB at most`);
    if (growth > MOST_GROWTH_MIB || files.length === 0) failed++;
  } finally {
    oracle.close();
    rmSync(folder, { recursive: true, force: true });
  }
  if (failed > 0) process.exitCode = 1;
}

function* everyNth(damages: Iterable<Damage>, stride: number): Generator<Damage> {
  let number = 0;
  for (const damage of damages) if (number++ % stride === 0) yield damage;
}

function tell(line: string): void {
  process.stdout.write(`${line}\n`);
}

void main();
