// `npm run bench`: the figures of docs/benchmarks.md in one run, each with what it is compared with, as ratios.
//   --runs N       how often each command is timed; default 7
//   --no-host      without the extension host: leaves out its own marks
//   --only NAME    only `list`, `stores`, `arrow`, `join`, `history`, `million`, `vfs`, `files`, `kubo` or `stop`
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, statSync } from 'node:fs';
import { cpus } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { ensureBuilt, packageExtension } from './lib/build.mjs';
import { least, median, spread } from './lib/measuring.mjs';
import { inRoot, main, out, refuseUnknown } from './lib/project.mjs';
import { ensurePython } from './lib/python.mjs';
import { say } from './lib/run.mjs';

const PARTS = ['list', 'stores', 'arrow', 'join', 'history', 'million', 'vfs', 'files', 'kubo', 'stop'];
const SIZES = [1000, 1_000_000];
const NO_SERVER = 'http://127.0.0.1:1';
/** How often the extension host is started for the time of load and activate. */
const HOST_STARTS = 3;

/** cid 59 characters, name, type, time: what ipfs_kit_py's command line reads. */
const MAKE = `import hashlib, sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.execute("create table pins (cid text primary key, name text, pin_type text, created_at text)")
cid = lambda i: "bafy" + hashlib.sha256(str(i).encode()).hexdigest()[:55]
rows = ((cid(i), f"pin number {i}", "recursive", "2025-07-27T08:00:00") for i in range(int(sys.argv[2])))
db.executemany("insert into pins values (?, ?, ?, ?)", rows)
db.commit()`;

const READ = `import json, sqlite3, sys
db = sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True)
print(json.dumps(db.execute("select cid, name, pin_type, created_at from pins limit 200").fetchall()))`;

await main(async () => {
  const { values } = parseArgs({
    options: { runs: { type: 'string', default: '7' }, 'no-host': { type: 'boolean', default: false }, only: { type: 'string' } },
  });
  refuseUnknown('part', [values.only ?? PARTS].flat(), PARTS);
  const runs = Number(values.runs);
  await ensureBuilt();
  const python = await ensurePython();
  process.env.IPFS_KIT_TEST_PYTHON = python; // for the suites of the host lane
  const rows = [];

  const wants = (name) => values.only === undefined || values.only === name;
  if (wants('list')) rows.push(...(await benchList({ runs, python, withHost: !values['no-host'] })));
  if (wants('stores')) {
    const { benchStores } = await import('./lib/benchStores.mjs');
    say('Reading databases of 1,000 to 10,000,000 pins (2 GB, written on the first run)');
    rows.push(
      ...(await benchStores({
        runs,
        database: (count) => database(python, count),
        python: (file) => execFileSync('python3', ['-c', READ, file], { stdio: 'ignore' }),
        sizeOf: (file) => statSync(file).size,
      })),
    );
  }
  if (wants('arrow')) {
    const { benchArrow } = await import('./lib/benchArrow.mjs');
    say('Reading Arrow bodies of 1,000,000 pins (800 MB, written on the first run)');
    rows.push(...(await benchArrow({ runs, python })));
  }
  if (wants('join')) {
    const { benchJoin } = await import('./lib/benchJoin.mjs');
    say('Joining lists of 1,000,000, 100,000 and 10,000 pins');
    rows.push(...(await benchJoin({ runs, python })));
  }
  if (wants('history')) {
    const { benchHistory } = await import('./lib/benchHistory.mjs');
    say('Keeping twelve days of a list of 1,000,000 pins');
    rows.push(...(await benchHistory()));
  }
  if (wants('million') && !values['no-host']) {
    say('Listing a million pins in the extension host of a real workbench');
    const { blocks } = await inHost('7-million');
    const steps = Object.entries(blocks);
    const all = (what) => steps.map(([step, block]) => `${step} ${block[what].toFixed(0)}`).join(', ');
    const what = 'longest block of the host’s thread, 1,000,000 pins live, ms';
    rows.push([`${what}: own code`, all('own'), '16', '']);
    rows.push([`${what}: any code, VS Code’s too`, all('running'), '16', '']);
    rows.push([`${what}: own code, and waiting for a processor within it`, all('ownWaiting'), '', '']);
    rows.push([`${what}: by the clock`, all('clock'), '', '']);
    for (const [step, { running, most }] of steps) if (running > 16) say(`${step}: ${most.join(' · ')}`);
  }
  if (wants('vfs')) {
    const { benchVfs } = await import('./lib/benchVfs.mjs');
    say('Reading a file of 60 MB out of a Kubo repository');
    rows.push(...(await benchVfs({ runs })));
  }
  if (wants('files')) {
    const { benchFiles } = await import('./lib/benchFiles.mjs');
    say('Listing Files with 1,000,000 entries in one folder (written on the first run)');
    rows.push(...(await benchFiles({ runs })));
  }
  if (wants('kubo')) {
    const { benchKuboStandIn } = await import('./lib/benchKuboStandIn.mjs');
    say('Listing 100,000 pins of a Kubo');
    rows.push(...(await benchKuboStandIn({ runs })));
    if (!values['no-host']) {
      const { benchRealKubo } = await import('./lib/benchRealKubo.mjs');
      say('Listing 100,000 pins of a real Kubo in the extension host of a real workbench');
      rows.push(...(await benchRealKubo({ runs, inHost })));
    }
  }
  if (wants('stop')) {
    const { benchStop } = await import('./lib/benchStop.mjs');
    say('Stopping trees of processes');
    rows.push(...(await benchStop({ runs, python })));
  }

  console.log(
    `\n${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} cores, ${process.platform}, Node ${process.versions.node}; ${runs} runs: least / median\n`,
  );
  console.log('| What | Measured | To reach | Compared with, same run |\n| --- | --- | --- | --- |');
  for (const row of rows) console.log(`| ${row.join(' | ')} |`);
});

async function benchList({ runs, python, withHost }) {
  const rows = [];
  if (withHost) {
    const started = [];
    for (let turn = 0; turn < HOST_STARTS; turn++) {
      const { loadMs, activateMs } = await inHost('1-activation');
      started.push(loadMs + activateMs);
    }
    rows.push(['load + activate, ms by the marks of the host', spread(started), '10', '']);
    if (median(started) > 10) process.exitCode = 1;
  }

  const figures = new Map(SIZES.map((count) => [count, { probe: [], page: [], python: [] }]));
  const files = new Map(SIZES.map((count) => [count, database(python, count)]));
  for (let turn = 0; turn <= runs; turn++)
    for (const count of SIZES) {
      const file = files.get(count);
      const { main: start, probe, page } = explain(file);
      const began = performance.now();
      execFileSync('python3', ['-c', READ, file], { stdio: 'ignore' });
      if (turn === 0) continue; // warms the caches
      const figure = figures.get(count);
      figure.probe.push(probe - start);
      figure.page.push(page - start);
      figure.python.push(performance.now() - began);
    }
  const [small, large] = SIZES.map((count) => figures.get(count));
  rows.push(['probe, refused, first in the process, ms', spread(small.probe), '10', '']);
  for (const [count, figure] of figures)
    rows.push([
      `no daemon: command → first 200 of ${count.toLocaleString('en-US')}, worker start included, ms`,
      spread(figure.page),
      '1.0 × the other',
      `python3 -c, whole process: ${spread(figure.python)} (ratio ${(least(figure.page) / least(figure.python)).toFixed(2)})`,
    ]);
  rows.push([
    'the same, 1,000,000 : 1,000',
    (least(large.page) / least(small.page)).toFixed(2),
    '1.3',
    `python3 -c: ${(least(large.python) / least(small.python)).toFixed(2)}`,
  ]);
  return rows;
}

function database(python, count) {
  const file = path.join(out, 'bench', `pins-${count}.db`);
  mkdirSync(path.dirname(file), { recursive: true });
  if (!existsSync(file)) {
    say(`Writing ${path.relative(process.cwd(), file)}`);
    execFileSync(python, ['-c', MAKE, file, String(count)]);
  }
  return file;
}

function explain(file) {
  const args = [inRoot('dist/cli/kit.js'), 'pins', '--database', file, '--daemon', NO_SERVER, '--json', '--explain'];
  const { stdout } = spawnSync(process.execPath, args, { encoding: 'utf8', maxBuffer: 2 ** 26 });
  const { pins, explain: explained } = JSON.parse(stdout);
  if (pins.length !== 200) throw new Error(`Expected 200 pins, got ${pins.length}.`);
  return explained.timingsMs;
}

/** The figures that a suite of the host lane has measured. */
async function inHost(suite, given = {}) {
  const [{ ensureCodeServer }, { ensureChromium }, { runHostLane }] = await Promise.all([
    import('./lib/codeServer.mjs'),
    import('./lib/chromium.mjs'),
    import('./lib/hostLane.mjs'),
  ]);
  await ensureCodeServer();
  const chromium = await ensureChromium();
  let figures;
  const results = await runHostLane({
    chromium,
    product: await packageExtension(),
    only: suite,
    ...given,
    onFigures: (seen) => (figures = { ...figures, ...seen }),
  });
  const failed = results.find(({ error }) => error !== undefined);
  if (failed) throw new Error(`${failed.title}: ${failed.error}`);
  return figures;
}
