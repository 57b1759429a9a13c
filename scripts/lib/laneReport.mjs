// The report of `npm test` about its lanes, which also determines the exit status.

/** The lanes that only Linux can run, and why. Where such a lane isn't run, the report says so; it has neither passed nor failed. */
const ONLY_ON_LINUX = {
  stop: 'each case needs a PID namespace',
  host: 'its workbench is code-server for Linux; `npm run test:desktop` runs these suites in desktop VS Code',
  ui: 'its workbench is code-server for Linux',
};

/**
 * The lanes, those in a row at the same time. The cases of `stop` wait most of the time and have a minute each, so the compiler runs beside them. The host
 * suites have one window, the journeys the others, of which two are open at the same time (see inWindow); the linters take what these leave, at a low priority.
 * Nothing runs beside the unit tests: many of them have deadlines.
 */
const BESIDE_EACH_OTHER = [['types', 'stop'], ['unit'], ['host', 'ui', 'lint']];

/** Why a lane isn't run on a platform; undefined where it runs. A lane that should run and can't has failed. */
export function whyNotRun(lane, platform) {
  return platform === 'linux' ? undefined : ONLY_ON_LINUX[lane];
}

/**
 * Runs the wanted lanes and writes what they found, a summary, and the last line "N passed, N failed".
 * run: gives the results of a lane, [{ title, error?, notRun? }]; notRun is the reason why a test can't run on this platform.
 * Gives the totals { passed, failed }.
 */
export async function reportLanes({ wanted, run, platform, write }) {
  const totals = { passed: 0, failed: 0 };
  const summary = [];
  const here = wanted.filter((name) => whyNotRun(name, platform) === undefined);
  for (const group of BESIDE_EACH_OTHER) {
    const names = group.filter((name) => here.includes(name));
    if (names.length === 0) continue;
    write(`\n── ${names.join(', ')} ──`);
    for (const { name, results, seconds } of await Promise.all(names.map((each) => timed(each, run)))) {
      const failed = results.filter(({ error }) => error !== undefined);
      const notRun = results.filter((result) => result.notRun !== undefined);
      const passed = results.length - failed.length - notRun.length;
      for (const { title, error } of failed) write(`✖ ${title}\n${String(error).replace(/^/gm, '    ')}`);
      for (const result of notRun) write(`${result.title}: ${result.notRun}`);
      totals.passed += passed;
      totals.failed += failed.length;
      summary.push(
        `${name.padEnd(7)} ${String(passed).padStart(5)} passed ${String(failed.length).padStart(4)} failed ${seconds.toFixed(0).padStart(5)} s` +
          (notRun.length > 0 ? `, ${notRun.length} not run on ${platform}` : ''),
      );
    }
  }
  for (const name of wanted.filter((lane) => !here.includes(lane)))
    summary.push(`${name}: not run on ${platform}: ${whyNotRun(name, platform)}`);
  write(`\n${summary.join('\n')}\n${totals.passed} passed, ${totals.failed} failed`);
  return totals;
}

async function timed(name, run) {
  const started = performance.now();
  const results = await run(name);
  return { name, results, seconds: (performance.now() - started) / 1000 };
}
