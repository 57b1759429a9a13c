import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after } from 'node:test';

/** A folder of one's own, which goes when the tests of the file have run. */
export function testFolder(name: string): string {
  const folder = mkdtempSync(path.join(tmpdir(), `ipfs-kit-${name}-`));
  after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
