import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after } from 'node:test';

/** Creates a temporary folder that is removed after the tests of the file. */
export function testFolder(name: string): string {
  const folder = mkdtempSync(path.join(tmpdir(), `ipfs-kit-${name}-`));
  after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
