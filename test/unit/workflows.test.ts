import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';

const inRoot = (...parts: string[]): string => path.join(process.cwd(), ...parts);
const { scripts, engines } = JSON.parse(readFileSync(inRoot('package.json'), 'utf8')) as {
  scripts: Record<string, string>;
  engines: { vscode: string };
};

for (const file of readdirSync(inRoot('.github/workflows'))) {
  const text = readFileSync(inRoot('.github/workflows', file), 'utf8');
  const found = (pattern: RegExp): string[] => [...text.matchAll(pattern)].map(([, name = '']) => name);

  describe(`the workflow ${file}`, () => {
    it('runs only existing scripts', () => {
      const [named, files] = [found(/npm run ([\w:]+)/g), found(/node (scripts\/\S+)/g)];
      assert.ok(named.length + files.length > 0);
      for (const name of named) assert.ok(name in scripts, name);
      for (const script of files) assert.ok(existsSync(inRoot(script)), script);
    });

    it('pins every action by commit, with its version beside it', () => {
      const uses = found(/uses: (.+)/g);
      assert.ok(uses.length > 0);
      for (const action of uses) assert.match(action, /^[\w-]+\/[\w-]+@[\da-f]{40} # v\d+\.\d+\.\d+$/);
    });

    it('has no write or identity permission, except in a job that declares it', () => {
      assert.match(text, /^permissions:(?: \{\}|\n {2}contents: read)$/m);
      const jobs = text.slice(text.indexOf('\njobs:')).split(/\n {2}(?=[\w-]+:\n)/);
      for (const job of jobs.filter((each) => each.includes('id-token: write'))) assert.match(job, /^ {4}environment: release$/m);
    });
  });
}

describe('the workflow ci.yml', () => {
  it('tries the oldest VS Code that package.json allows', () => {
    const [, oldest = 'none'] = /^\^(\d+\.\d+)\./.exec(engines.vscode) ?? [];
    assert.match(
      readFileSync(inRoot('.github/workflows/ci.yml'), 'utf8'),
      new RegExp(`vscode: \\['${oldest}\\.\\d+', stable\\]`),
    );
  });
});
