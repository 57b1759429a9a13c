// The requirements for a release. These are pure functions, so that tests can use them too.

/** The text below the heading `## [VERSION] - DATE` (keepachangelog.com), without the heading; undefined where there is none or it is empty. */
export function changelogSection(changelog, version) {
  const lines = changelog.split('\n');
  const from = lines.findIndex((line) => line.startsWith(`## [${version}] - `));
  if (from < 0) return undefined;
  const length = lines.slice(from + 1).findIndex((line) => line.startsWith('## '));
  const text = lines
    .slice(from + 1, length < 0 ? undefined : from + 1 + length)
    .join('\n')
    .trim();
  return text === '' ? undefined : text;
}

/** Why a tag can't be released, in sentences; empty where it can. */
export function releaseProblems({ tag, version, changelog }) {
  const problems = [];
  if (tag !== `v${version}`)
    problems.push(`The tag is "${tag}", and package.json has version ${version}: the tag must be v${version}.`);
  if (changelogSection(changelog, version) === undefined)
    problems.push(`CHANGELOG.md has no section "## [${version}] - DATE" with text below it.`);
  return problems;
}
