import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** Compares `text` with a file in test/fixtures/golden, so that displayed text changes only on purpose. UPDATE_GOLDEN=1 rewrites the file. */
export function assertGolden(name: string, text: string): void {
  const file = path.join(process.cwd(), 'test/fixtures/golden', `${name}.txt`);
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(file, text);
  assert.equal(text, readFileSync(file, 'utf8'));
}
