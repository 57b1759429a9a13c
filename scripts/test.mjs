// `npm test`: sets up everything that is needed, runs every lane, and ends with the line "N passed, N failed".
//   --lane NAME   only this lane: lint, types, unit, stop, host, ui; may be repeated
//   --only TEXT   unit tests, stop cases, host suites and journeys whose name contains this
// stop, host and ui run on Linux only; on macOS and Windows the summary names them as not run.
import { parseArgs } from 'node:util';
import { reportLanes, whyNotRun } from './lib/laneReport.mjs';
import { beginSetUp, LANES, runLane } from './lib/lanes.mjs';
import { main, refuseUnknown } from './lib/project.mjs';

await main(async () => {
  const { values } = parseArgs({ options: { lane: { type: 'string', multiple: true }, only: { type: 'string' } } });
  const wanted = values.lane ?? Object.keys(LANES);
  refuseUnknown('lane', wanted, Object.keys(LANES));
  beginSetUp(wanted.filter((name) => whyNotRun(name, process.platform) === undefined));
  const { passed, failed } = await reportLanes({
    ...{ wanted, platform: process.platform, write: console.log },
    run: (name) => runLane(name, values),
  });
  if (failed > 0 || passed === 0) process.exitCode = 1;
});
