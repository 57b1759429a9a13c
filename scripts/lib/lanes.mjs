// The lanes of `npm test`. Each gives its results as [{ title, error?, notRun? }].
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { run } from 'node:test';
import { pathToFileURL } from 'node:url';
import { build, packageExtension } from './build.mjs';
import { inRoot, out, root, SetupError } from './project.mjs';
import { ensureNodeModules } from './nodeModules.mjs';
import { say } from './run.mjs';

export const LANES = { lint, types, unit, stop, host, ui };

/** The results of a lane. A lane that could not run, or in which nothing ran, has failed. */
export async function runLane(name, options) {
  try {
    const results = await LANES[name](options);
    return results.length > 0 ? results : [{ title: `${name}: nothing ran`, error: 'No test was found.' }];
  } catch (error) {
    return [
      { title: `${name}: could not run`, error: error instanceof SetupError ? error.message : (error.stack ?? String(error)) },
    ];
  }
}

/** Set-up that several lanes need is done once; if it fails, it fails for all of them. */
const packages = memo(ensureNodeModules);
const python = memo(async () => {
  await packages();
  const { ensurePython } = await import('./python.mjs');
  process.env.IPFS_KIT_TEST_PYTHON = await ensurePython();
});
const workbenchTools = memo(async () => {
  await python();
  const { ensureCodeServer } = await import('./codeServer.mjs');
  const { ensureChromium } = await import('./chromium.mjs');
  await ensureCodeServer();
  return ensureChromium();
});
const workbenchParts = memo(async () => {
  rmSync(path.join(out, 'screenshots'), { recursive: true, force: true });
  return { chromium: await workbenchTools(), product: await packageExtension() };
});

function memo(make) {
  let made;
  return () => (made ??= make());
}

let underWay = Promise.resolve();

/** Begins to install what these lanes need, beside the linters and compilers. A failure is reported by the lanes that need it. */
export function beginSetUp(lanes) {
  const needs = (...names) => lanes.some((name) => names.includes(name));
  const begun = needs('host', 'ui') ? workbenchTools() : needs('unit', 'stop') ? python() : packages();
  underWay = begun.catch(() => undefined);
}

async function lint() {
  await packages();
  return Promise.all([
    check('eslint finds nothing', 'eslint/bin/eslint.js', ['.', '--max-warnings=0']),
    check('prettier finds nothing', 'prettier/bin/prettier.cjs', ['--check', '.']),
  ]);
}

async function types() {
  await packages();
  return [await check('tsc finds nothing', 'typescript-native/bin/tsc', ['-p', '.'])];
}

/** Tests that have deadlines run beside the tools, which have none. */
const BESIDE_OTHERS = constants.priority.PRIORITY_LOW;

async function check(title, tool, args) {
  const child = spawn(process.execPath, [inRoot('node_modules', tool), ...args], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (child.pid !== undefined) setPriority(child.pid, BESIDE_OTHERS);
  const ended = once(child, 'close');
  const [stdout, stderr, [status]] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return status === 0 ? { title } : { title, error: `${stdout}${stderr}`.trim().slice(0, 20_000) };
}

/** The reason that test/support/onlyOn.ts gives: the only one for which a test may be left out, and never on Linux. */
const NOT_RUN = /^not run on /;

/** The files that take longest begin first, so that none of them runs alone at the end. */
const LONGEST = [
  ...['readersAtTheirLimits', 'duckdbHostile', 'pinsOfSeveral', 'pinListModel', 'sqliteCrash', 'listsJoin'],
  ...['changesOverAndOver', 'kit', 'refreshes', 'columnarArrow', 'sqliteMerged', 'sources', 'stalledSources', 'hostLives'],
];
const isLong = (file) => LONGEST.includes(path.basename(file, '.test.js'));

async function unit({ only }) {
  await underWay; // tests with deadlines have the processors for themselves
  await python();
  await build();
  const { buildUnitTests } = await import(pathToFileURL(inRoot('esbuild.mjs')).href);
  const built = await buildUnitTests({ only });
  const files = [...built.filter(isLong), ...built.filter((file) => !isLong(file))];
  const results = [];
  // Four on two processors: many tests wait for a server or a process most of the time.
  const stream = run({ files, concurrency: 4, timeout: 300_000 });
  const note = (data, error) => {
    const isFile = files.includes(data.name) || files.includes(path.resolve(data.name));
    if (process.platform !== 'linux' && error === undefined && NOT_RUN.test(data.skip))
      return results.push({ title: data.name, notRun: data.skip });
    if (error === undefined && (data.skip !== undefined || data.todo !== undefined)) error = 'A test must not be skipped.';
    // A file or a suite isn't a test itself, but a failure in it outside of its tests counts.
    if ((data.details.type === 'suite' || isFile) && error === undefined) return;
    results.push({ title: data.name, ...(error !== undefined && { error }) });
  };
  stream.on('test:pass', (data) => note(data));
  stream.on('test:fail', (data) => {
    const { error } = data.details;
    if (error?.failureType !== 'subtestsFailed') note(data, error?.cause?.stack ?? error?.cause ?? error?.stack ?? error);
  });
  stream.on('test:stderr', ({ message }) => process.stderr.write(message));
  await new Promise((resolve) => stream.once('end', resolve).resume());
  const passed = results.filter(({ error, notRun }) => error === undefined && notRun === undefined);
  console.log(`${passed.length} of ${results.length} passed in ${files.length} ${files.length === 1 ? 'file' : 'files'}`);
  return results;
}

async function stop({ only }) {
  await python();
  const { runStopCases } = await import('./stopLane.mjs');
  say('Stopping process trees of every kind, each in a separate PID namespace');
  return runStopCases({ only });
}

async function host({ only }) {
  const parts = await workbenchParts();
  const { runHostLane } = await import('./hostLane.mjs');
  say('Running mocha in the extension host of a real workbench');
  return runHostLane({ ...parts, only });
}

async function ui({ only }) {
  const parts = await workbenchParts();
  const { runCheck, runJourneys } = await import('./uiLane.mjs');
  say('Running the journeys in a real workbench');
  // The check begins last: it changes the HOME that a browser would inherit, and therefore has a browser of its own.
  return (await Promise.all([runJourneys({ ...parts, only }), runCheck({ ...parts, only })])).flat();
}
