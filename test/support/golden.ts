import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** Compares with test/fixtures/golden: what a person sees changes only on purpose. UPDATE_GOLDEN=1 writes it anew. */
export function assertGolden(name: string, text: string): void {
  const file = path.join(process.cwd(), 'test/fixtures/golden', `${name}.txt`);
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(file, text);
  assert.equal(text, readFileSync(file, 'utf8'));
}
