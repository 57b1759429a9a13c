// `npm test`: sets up all that is needed, runs every lane, and ends with the line "N passed, N failed".
//   --lane NAME   only this lane: lint, types, unit, stop, host, ui; may be repeated
//   --only TEXT   unit tests, stop cases, host suites and journeys whose name contains this
import { parseArgs } from 'node:util';
import { main, SetupError } from './lib/project.mjs';
import { LANES } from './lib/lanes.mjs';

const BESIDE_EACH_OTHER = ['lint', 'types'];

await main(async () => {
  const { values } = parseArgs({ options: { lane: { type: 'string', multiple: true }, only: { type: 'string' } } });
  const wanted = values.lane ?? Object.keys(LANES);
  const unknown = wanted.filter((name) => !(name in LANES));
  if (unknown.length > 0) throw new SetupError(`Unknown lane ${unknown.join(', ')}. Lanes: ${Object.keys(LANES).join(', ')}.`);

  const totals = { passed: 0, failed: 0 };
  const lines = [];
  // Each takes one processor. Nothing else runs beside them: process trees that are stopped, for one, are quicker than a stop that has to wait.
  const beside = wanted.filter((name) => BESIDE_EACH_OTHER.includes(name));
  const begun = Object.fromEntries(beside.map((name) => [name, timed(name, values)]));
  for (const name of [...beside, ...wanted.filter((lane) => !beside.includes(lane))]) {
    console.log(`\n── ${name} ──`);
    const { results, seconds } = await (begun[name] ?? timed(name, values));
    const failed = results.filter(({ error }) => error !== undefined);
    const passed = results.length - failed.length;
    for (const { title, error } of failed) console.log(`✖ ${title}\n${String(error).replace(/^/gm, '    ')}`);
    totals.passed += passed;
    totals.failed += failed.length;
    lines.push(
      `${name.padEnd(7)} ${String(passed).padStart(5)} passed ${String(failed.length).padStart(4)} failed ${seconds.toFixed(0).padStart(5)} s`,
    );
  }
  console.log(`\n${lines.join('\n')}\n${totals.passed} passed, ${totals.failed} failed`);
  if (totals.failed > 0 || totals.passed === 0) process.exitCode = 1;
});

async function timed(name, options) {
  const started = performance.now();
  const results = await runLane(name, options);
  return { results, seconds: (performance.now() - started) / 1000 };
}

/** A lane that could not run, or in which nothing ran, has failed. */
async function runLane(name, options) {
  try {
    const results = await LANES[name](options);
    return results.length > 0 ? results : [{ title: `${name}: nothing ran`, error: 'No test was found.' }];
  } catch (error) {
    return [
      { title: `${name}: could not run`, error: error instanceof SetupError ? error.message : (error.stack ?? String(error)) },
    ];
  }
}
