import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { repositoryRoot, testPython } from '../support/testDaemon';

/** Runs bodies.py, by which pyarrow writes the bodies that are damaged later. */
export function makeBodies(folder: string): void {
  const script = path.join(repositoryRoot(), 'test/arrowDamage/bodies.py');
  const { status, stderr } = spawnSync(testPython(), [script, folder], { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
}
