/** Reads databases that are written, crashed and damaged; the arguments come from scripts/torture.mjs. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { readAfterCrashes, readAtMoments } from './crashes';
import { DAMAGED, readDamaged } from './damage';
import type { JournalMode, LiveReads } from './liveReads';
import { JOURNAL_MODES, readBesideWriter } from './liveReads';
import { startOracle } from './oracle';

const MOST_SHOWN = 5;
const MOMENTS_PER_CRASH = 5;
/** After this many reads another writer is started, with other page sizes and pauses. */
const READS_OF_A_WRITER = 500;

interface Result {
  readonly title: string;
  readonly figures: string;
  readonly wrong: readonly string[];
}

async function live(mode: JournalMode, reads: number, seed: number, folder: string, wasmFile: string): Promise<Result> {
  const all: LiveReads[] = [];
  for (let done = 0, number = 0; done < reads; done += READS_OF_A_WRITER, number++) {
    const file = path.join(folder, `live-${mode}-${number}`, 'pins.db');
    mkdirSync(path.dirname(file));
    all.push(
      await readBesideWriter({
        file,
        mode,
        reads: Math.min(READS_OF_A_WRITER, reads - done),
        seed: seed * 1000 + number,
        wasmFile,
      }),
    );
    rmSync(path.dirname(file), { recursive: true });
  }
  const sum = (of: (each: LiveReads) => number): number => all.reduce((total, each) => total + of(each), 0);
  const times = all.flatMap(({ milliseconds }) => milliseconds).sort((a, b) => a - b);
  const control = [
    `${sum((each) => each.control.torn)} torn`,
    `${sum((each) => each.control.stale)} stale`,
    `${sum((each) => each.control.errors)} errors`,
  ];
  const wrong = all.flatMap(({ torn, errors }) => [...torn, ...errors]);
  if (sum((each) => each.reads) < reads) wrong.push(`only ${sum((each) => each.reads)} of ${reads} reads came to an end`);
  if (sum((each) => each.control.torn + each.control.errors) === 0 && mode !== 'WAL')
    wrong.push('the control did not tear: this proves nothing');
  if (sum((each) => each.control.torn + each.control.stale + each.control.errors) === 0)
    wrong.push('the control was always right: this proves nothing');
  return {
    title: `reads beside a writer, ${mode}`,
    figures: [
      `${sum((each) => each.reads)} reads`,
      `${sum((each) => each.torn.length)} torn`,
      `${sum((each) => each.errors.length)} errors`,
      `${sum((each) => each.busy)} busy`,
      `${sum((each) => each.generations.size)} generations`,
      `median ${(times[Math.floor(times.length / 2)] ?? 0).toFixed(1)} ms, worst ${(times.at(-1) ?? 0).toFixed(0)} ms`,
      `plain bytes: ${sum((each) => each.control.reads)} reads, ${control.join(', ')}`,
    ].join('; '),
    wrong,
  };
}

async function main(): Promise<void> {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({ options: { reads: text, crashes: text, stride: text, modes: text, seed: text, wasm: text } });
  const reads = Number(values.reads ?? 10_000);
  const crashes = Number(values.crashes ?? 40);
  const seed = Number(values.seed ?? Date.now() % 100_000);
  const wasmFile = values.wasm ?? '';
  const wanted = values.modes?.toUpperCase().split(',') ?? [...JOURNAL_MODES];
  const modes = JOURNAL_MODES.filter((mode) => wanted.includes(mode));
  const folder = mkdtempSync(path.join(tmpdir(), 'store-torture-'));
  const oracle = startOracle(folder);
  const results: Result[] = [];
  const tell = (result: Result): void => {
    results.push(result);
    const { title, figures, wrong } = result;
    const lines = [
      `${wrong.length === 0 ? '✓' : '✖'} ${title}: ${figures}`,
      ...wrong.slice(0, MOST_SHOWN).map((each) => `    ${each}`),
    ];
    process.stdout.write(`${lines.join('\n')}\n`);
  };
  process.stdout.write(`Seed ${seed}\n`);
  try {
    for (const mode of modes) {
      const seen = {
        crashes: await readAfterCrashes({ folder, mode, cases: crashes, seed, wasmFile, oracle }),
        'writers stopped for a moment': await readAtMoments({
          folder,
          mode,
          cases: MOMENTS_PER_CRASH * crashes,
          seed,
          wasmFile,
          oracle,
        }),
      };
      for (const [what, { cases, unmerged, wrong }] of Object.entries(seen)) {
        const proof = unmerged === 0 ? ['no case depended on a side file, so this proves nothing'] : [];
        const figures = `${cases - wrong.length} of ${cases} as Python recovers them; in ${unmerged} a side file is needed`;
        tell({ title: `${what}, ${mode}`, figures, wrong: [...wrong, ...proof] });
      }
    }
    for (const what of DAMAGED) {
      const { cases, read, wrong } = await readDamaged(what, { folder, wasmFile, oracle, stride: Number(values.stride ?? 3) });
      tell({ title: `damage, ${what}`, figures: `${cases} files, ${read} give rows, ${wrong.length} not Python's`, wrong });
    }
    for (const mode of modes) tell(await live(mode, Math.ceil(reads / modes.length), seed, folder, wasmFile));
  } finally {
    oracle.close();
    rmSync(folder, { recursive: true, force: true });
  }
  const failed = results.filter(({ wrong }) => wrong.length > 0).length;
  process.stdout.write(`${results.length - failed} passed, ${failed} failed\n`);
  if (failed > 0 || results.length === 0) process.exitCode = 1;
}

void main();
