import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { changelogSection, releaseProblems } from '../../scripts/lib/release.mjs';

const CHANGELOG = `# Changelog

## [Unreleased]

## [1.2.0] - 2026-12-01

### Added

- Something.

## [1.1.0] - 2026-11-01

## [1.0.0]

- No date.
`;
const release = (tag: string, version: string): readonly string[] => releaseProblems({ tag, version, changelog: CHANGELOG });

describe('a release', () => {
  it('has the version of package.json as its tag, and a section of the changelog as its notes', () => {
    assert.deepEqual(release('v1.2.0', '1.2.0'), []);
    assert.equal(changelogSection(CHANGELOG, '1.2.0'), '### Added\n\n- Something.');
  });

  for (const tag of ['1.2.0', 'v1.2.1', 'v1.2.0-rc.1', ''])
    it(`is refused for the tag "${tag}" of another version`, () => {
      assert.deepEqual(release(tag, '1.2.0'), [
        `The tag is "${tag}", and package.json has version 1.2.0: the tag must be v1.2.0.`,
      ]);
    });

  for (const [version, what] of [
    ['1.1.0', 'is empty'],
    ['1.0.0', 'has no date'],
    ['1.2', 'is that of a longer version'],
    ['9.9.9', 'is missing'],
  ] as const)
    it(`is rejected if the section ${what}`, () => {
      assert.equal(changelogSection(CHANGELOG, version), undefined);
      assert.deepEqual(release(`v${version}`, version), [
        `CHANGELOG.md has no section "## [${version}] - DATE" with text below it.`,
      ]);
    });
});
