// What the parts of `npm run bench` have in common: scripts that measure in separate processes, and figures.
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { out, root } from './project.mjs';

/** Bundles a TypeScript file of scripts/, and resolves with the bundle. `more`: further options of esbuild. */
export async function bundled(file, more = {}) {
  const { build } = await import('esbuild'); // installed by then
  const outfile = path.join(out, 'bench', file.replace('/', '-').replace(/\.ts$/, '.js'));
  await build({
    absWorkingDir: root,
    entryPoints: [`scripts/${file}`],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    logLevel: 'warning',
    ...more,
  });
  return outfile;
}

/** Bundles the measure.ts of a folder of scripts/. Resolves with a function that runs it with these arguments and options of Node, and gives its answer. */
export async function measuring(folder, more) {
  const script = await bundled(`${folder}/measure.ts`, more);
  return (args, { node = process.execPath, flags = [] } = {}) =>
    JSON.parse(execFileSync(node, [...flags, script, ...args.map(String)], { encoding: 'utf8' }));
}

export function least(values) {
  return Math.min(...values);
}

export function median(values) {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}

export function spread(values) {
  return `${least(values).toFixed(0)} / ${median(values).toFixed(0)}`;
}
