// The figures of Arrow for `npm run bench`: a body of a million pins, opened, searched, sorted and grouped, each figure in a separate process.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { measuring } from './measuring.mjs';
import { inRoot, out } from './project.mjs';
import { say } from './run.mjs';

const COUNT = 1_000_000;
const KINDS = [
  'first',
  'search',
  'searchHits',
  'found',
  'typo',
  'find',
  'findByName',
  'time',
  'newest',
  'size',
  'name',
  'type',
  'month',
  'folder',
];
/** The processes for each figure; each returns the minimum of several runs. */
const MOST_RUNS = 3;

/** Rows of the table. */
export async function benchArrow({ runs, python }) {
  const measure = await measuring('benchArrow');
  const run = (kind, file, ...flags) => measure([kind, file, inRoot('dist')], { flags: [...flags, '--expose-gc'] });
  const rows = [];
  for (const schema of ['19', '10']) {
    const file = body(python, schema);
    const seen = Object.fromEntries(KINDS.map((kind) => [kind, []]));
    for (let turn = 0; turn < Math.min(MOST_RUNS, runs); turn++) for (const kind of KINDS) seen[kind].push(run(kind, file));
    const least = (kind, what = 'ms') => Math.min(...seen[kind].map((answer) => answer[what]));
    const copy = Math.min(...KINDS.map((kind) => least(kind, 'copyMs')));
    const pass = Math.min(...KINDS.map((kind) => least(kind, 'passMs')));
    const figure = (kind) => `${least(kind).toFixed(1)} (${least(kind, 'coldMs').toFixed(0)})`;
    const name = `Arrow, ${COUNT.toLocaleString('en-US')} pins, ${schema} columns`;
    const theirs =
      schema === '19'
        ? JSON.parse(execFileSync(python, [inRoot('scripts/benchArrow/measure_pyarrow.py'), file], { encoding: 'utf8' }))
        : undefined;
    const pyarrow = (kind) => (theirs ? `pyarrow ${theirs[kind].ms.toFixed(1)}` : '');
    /** By the clock, and of the processor, which other programs disturb less. Ours includes a page of 200 rows where rows are sorted. */
    const beside = (kind, what = 'pyarrow') => {
      if (!theirs) return '';
      const { ms, cpuMs } = theirs[kind];
      const cpu = least(kind, 'cpuMs');
      const ratios = `${(least(kind) / ms).toFixed(2)} ×, CPU ${cpu.toFixed(1)} to ${cpuMs.toFixed(1)}: ${(cpu / cpuMs).toFixed(2)} ×`;
      return `${kind}: ${what} ${ms.toFixed(1)} (${ratios})`;
    };
    const json = theirs ? run('json', body(python, 'json'), '--max-old-space-size=8192').ms : undefined;
    const list = (...parts) => parts.filter(Boolean).join(', ');
    const perFirst = json === undefined ? '' : `JSON.parse ${json.toFixed(0)} (${(json / least('first')).toFixed(0)} ×)`;
    rows.push(
      [
        `${name}: body → first 200, validated, warm (cold), ms`,
        figure('first'),
        '30',
        list(`memcpy ${copy.toFixed(1)}`, perFirst, pyarrow('read')),
      ],
      [
        'search without a match, ms (in passes over the body)',
        `${figure('search')} (${(least('search') / pass).toFixed(1)})`,
        '2 passes',
        list(`one indexOf ${pass.toFixed(1)}`, pyarrow('search')),
      ],
      ['search, 11,000 hits; its first 50, ms', `${figure('searchHits')}; ${figure('found')}`, '2 passes; 50', ''],
      ['search with a typo; find a pin as stored; by name, ms', ['typo', 'find', 'findByName'].map(figure).join('; '), '', ''],
      [
        'sort by time; newest 200, ms',
        `${figure('time')}; ${figure('newest')}`,
        '150; 1.5 × select_k',
        list(pyarrow('time'), beside('newest', 'select_k')),
      ],
      ['sort by size; by name, ms', `${figure('size')}; ${figure('name')}`, '150; 1.2 × pyarrow', beside('name')],
      [
        'group by type; month; folder, with counts and sizes, ms',
        ['type', 'month', 'folder'].map(figure).join('; '),
        '60; type 1.5 × pyarrow',
        beside('type'),
      ],
    );
    const { ms: beyond, bytes } = run('memory', file);
    const { ms: grown, rssMegabytes } = run('refreshes', file);
    rows.push(
      [
        'memory after sort, filter and groups: bytes a pin; to the body',
        `${((bytes + beyond) / COUNT).toFixed(0)}; ${((bytes + beyond) / bytes).toFixed(2)} ×`,
        '1.1 ×',
        `body ${(bytes / COUNT).toFixed(0)}`,
      ],
      [
        'ten refreshes: memory gained from the second to the last, MB (resident)',
        `${grown.toFixed(1)} (${rssMegabytes.toFixed(0)})`,
        '0',
        '',
      ],
    );
  }
  const { ms: first, wholeMs } = run('stream', body(python, 'stream'));
  rows.push([
    'first rows of a stream of 16 batches over HTTP, ms; how many times sooner than those of the whole list',
    `${first.toFixed(0)}; ${(wholeMs / first).toFixed(1)} ×`,
    '8 ×',
    `the whole list: ${wholeMs.toFixed(0)}`,
  ]);
  return rows;
}

function body(python, schema) {
  const file = path.join(out, 'bench', `pins-${COUNT}-${schema}.${schema === 'json' ? 'json' : 'arrow'}`);
  mkdirSync(path.dirname(file), { recursive: true });
  if (!existsSync(file)) {
    say(`Writing ${path.relative(process.cwd(), file)}`);
    execFileSync(python, [inRoot('scripts/benchArrow/make.py'), inRoot('test/daemon'), String(COUNT), schema, file]);
  }
  return file;
}
