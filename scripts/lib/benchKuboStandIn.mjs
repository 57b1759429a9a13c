// The figures of a Kubo's list for `npm run bench`.
import { build } from 'esbuild';
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { inRoot, out, root } from './project.mjs';

/** Rows of the table. */
export async function benchKuboStandIn({ runs }) {
  const bundle = async (name) => {
    const outfile = path.join(out, 'bench', `kuboStandIn-${name}.js`);
    const entryPoints = [`scripts/benchKuboStandIn/${name}.ts`];
    await build({
      absWorkingDir: root,
      entryPoints,
      outfile,
      bundle: true,
      platform: 'node',
      format: 'cjs',
      target: 'node20',
      logLevel: 'warning',
    });
    return outfile;
  };
  const [measure, server] = [await bundle('measure'), await bundle('server')];
  const figuresAt = (pace, turns) =>
    JSON.parse(
      execFileSync(process.execPath, [measure, server, inRoot('dist'), String(turns), String(pace)], { encoding: 'utf8' }),
    );
  const least = (figures) => Math.min(...figures);
  const middle = (figures) => figures.toSorted((a, b) => a - b)[figures.length >> 1];
  const both = (figures) => `${least(figures).toFixed(0)} / ${middle(figures).toFixed(0)}`;
  const ratio = ({ total, nothing }) => (middle(total) / middle(nothing)).toFixed(2);
  const paced = figuresAt(1, Math.min(3, runs)); // 13 s per run
  const atOnce = figuresAt(0, runs);
  return [
    ['100,000 pins of a Kubo at its pace: its first byte → first 200 in the host, ms', both(paced.firstRows), '300', ''],
    [
      '… all of them, with their names, ms',
      both(paced.total),
      '1.1 × the peer',
      `the same streams, unprocessed: ${both(paced.nothing)} (${ratio(paced)} ×)`,
    ],
    [`… longest wait of a query to the thread meanwhile, ms (lists shown: ${paced.shown})`, both(paced.wait), '', ''],
    [
      '… sent at once',
      both(atOnce.total),
      '',
      `unprocessed: ${both(atOnce.nothing)} (${ratio(atOnce)} ×); longest wait ${both(atOnce.wait)}`,
    ],
  ];
}
