// `node scripts/releaseChecks.mjs --tag vX.Y.Z`: fails unless package.json has this version and CHANGELOG.md a section for it.
//   --package   after that, packages the extension into out/release: the .vsix, its SHA-256, its source maps, and the section as notes.md
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { packageExtension } from './lib/build.mjs';
import { ensureNodeModules } from './lib/nodeModules.mjs';
import { inRoot, main, out, SetupError } from './lib/project.mjs';
import { changelogSection, releaseProblems } from './lib/release.mjs';
import { runLogged } from './lib/run.mjs';

await main(async () => {
  const { values } = parseArgs({ options: { tag: { type: 'string', default: '' }, package: { type: 'boolean' } } });
  const { version } = JSON.parse(readFileSync(inRoot('package.json'), 'utf8'));
  const changelog = readFileSync(inRoot('CHANGELOG.md'), 'utf8');
  const problems = releaseProblems({ tag: values.tag, version, changelog });
  if (problems.length > 0) throw new SetupError(problems.join('\n'));
  console.log(`${values.tag} can be released.`);
  if (!values.package) return;
  await ensureNodeModules();
  const product = await packageExtension();
  const folder = path.join(out, 'release');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const vsix = `ipfs-kit-${version}.vsix`;
  copyFileSync(product, path.join(folder, vsix));
  const sum = createHash('sha256').update(readFileSync(product)).digest('hex');
  writeFileSync(path.join(folder, `${vsix}.sha256`), `${sum}  ${vsix}\n`);
  await runLogged('release-maps', 'tar', ['-czf', path.join(folder, `ipfs-kit-${version}-maps.tar.gz`), '-C', out, 'maps']);
  writeFileSync(path.join(folder, 'notes.md'), `${changelogSection(changelog, version)}\n`);
  console.log(`${path.relative(process.cwd(), folder)}: ${vsix}, SHA-256 ${sum}`);
});
