import assert from 'node:assert/strict';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import type { Reason } from '../../../src/base/ipfsKitError';
import { IpfsKitError } from '../../../src/base/ipfsKitError';
import type { Pin } from '../../../src/pin/pin';
import type { PinWalk } from '../../../src/pin/pinWalk';
import type { ExportResult } from '../../../src/pinWorker/exportPins';
import { exportPins } from '../../../src/pinWorker/exportPins';
import type { ExportFormat } from '../../../src/pinWorker/exportFormats';
import { withoutApostrophes } from '../../support/csvText';
import { python } from '../../support/python';
import { needs, POSIX } from '../../support/needs';

const root = mkdtempSync(path.join(tmpdir(), 'export-'));
after(() => rmSync(root, { recursive: true, force: true }));

const NEVER = new AbortController().signal;
let folders = 0;

function newFolder(): string {
  const folder = path.join(root, String(++folders));
  mkdirSync(folder);
  return folder;
}

function walkOf(stretches: readonly (readonly Pin[] | Error)[]): PinWalk {
  let at = 0;
  return {
    next: () => {
      const next = stretches[at++] ?? [];
      return next instanceof Error ? Promise.reject(next) : Promise.resolve(next);
    },
    close: () => undefined,
  };
}

function write(file: string, format: ExportFormat, pins: readonly Pin[], signal = NEVER): Promise<ExportResult> {
  return exportPins(() => walkOf([pins]), { path: file, format }, { signal });
}

const failing = (...reasons: Reason[]) => ({ name: 'IpfsKitError', ...(reasons[0] && { reason: reasons[0] }) });

const PINS: readonly Pin[] = [
  {
    cid: 'bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi',
    name: 'a, "quoted"\nname',
    type: 'recursive',
    sizeBytes: '9007199254740993',
    pinnedAt: '2026-11-23T12:00:00.000Z',
    vfsPath: '/データ/x',
    replicas: 3,
  },
  { cid: 'QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPaG8', name: '=HYPERLINK("http://evil")', sizeBytes: 7 },
  { cid: '-1+2', name: "'=already", tier: '@SUM(1)', backend: '\tTab', integrity: '+1' },
  { cid: '\uff1d1', name: '\n=1', tier: '\uff0b1', backend: '\uff0d1', integrity: "'\uff20SUM" }, // Full-width characters.
  { cid: 'a;=1', name: 'b\t"@SUM(1)"', tier: 'c|\u200b+1', backend: ' -1' },
  { cid: 'x', name: ' spaces, and \u0000 NUL\r', mountPoint: "'plain" },
];

const READ = `import csv, json, sys
with open(sys.argv[1], newline="", encoding="utf-8") as file:
    text = file.read()
if sys.argv[2] == "json":
    print(json.dumps(json.loads(text)))
else:
    rows = list(csv.DictReader(text.splitlines(keepends=True), strict=True))
    print(json.dumps([{key: value for key, value in row.items() if value != ""} for row in rows]))`;

/** The rows that Python reads of the file. */
function readBack(file: string, format: ExportFormat): Record<string, unknown>[] {
  return JSON.parse(python(READ, file, format)) as Record<string, unknown>[];
}

describe('an export', () => {
  it('as CSV is read by Python as the same pins, once the apostrophes before formulas are taken off', async () => {
    const file = path.join(newFolder(), 'pins.csv');
    const { pins, bytes } = await write(file, 'csv', PINS);
    assert.deepEqual([pins, bytes], [PINS.length, statSync(file).size]);
    const rows = readBack(file, 'csv');
    assert.deepEqual(
      rows.map((row) => Object.fromEntries(Object.entries(row).map(([key, value]) => [key, withoutApostrophes(String(value))]))),
      PINS.map((pin) => Object.fromEntries(Object.entries(pin).map(([key, value]) => [key, String(value)]))),
    );
    for (const cell of rows.flatMap((row) => Object.values(row)))
      assert.doesNotMatch(String(cell), /^["\s]*[=+\-@\uff0b\uff0d\uff1d\uff20]|^[\t\r\n]/);
  });

  it('as JSON is read by Python as the same pins', async () => {
    const file = path.join(newFolder(), 'pins.json');
    await write(file, 'json', PINS);
    assert.deepEqual(readBack(file, 'json'), PINS);
    assert.equal(readFileSync(file, 'utf8').split('\n').length, PINS.length + 3, 'a line for each pin');
  });

  it('of no pins is a complete file too', async () => {
    const folder = newFolder();
    await write(path.join(folder, 'pins.csv'), 'csv', []);
    await write(path.join(folder, 'pins.json'), 'json', []);
    assert.deepEqual(readBack(path.join(folder, 'pins.csv'), 'csv'), []);
    assert.deepEqual(readBack(path.join(folder, 'pins.json'), 'json'), []);
  });

  it('replaces an existing file only when complete, and keeps its permissions', needs(POSIX), async () => {
    const folder = newFolder();
    const file = path.join(folder, 'pins.csv');
    writeFileSync(file, 'old', { mode: 0o600 });
    const broken = () => walkOf([PINS, new IpfsKitError('corrupt', 'It is damaged.')]);
    await assert.rejects(exportPins(broken, { path: file, format: 'csv' }, { signal: NEVER }), failing('corrupt'));
    assert.equal(readFileSync(file, 'utf8'), 'old');
    await write(file, 'csv', PINS);
    assert.notEqual(readFileSync(file, 'utf8'), 'old');
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.deepEqual(readdirSync(folder), ['pins.csv']);
  });

  it('that is canceled leaves nothing behind', async () => {
    const folder = newFolder();
    const cancel = new AbortController();
    let asked = 0;
    const endless = (): PinWalk => ({
      next: () => {
        if (++asked === 50) cancel.abort();
        return Promise.resolve(PINS);
      },
      close: () => undefined,
    });
    const writing = exportPins(endless, { path: path.join(folder, 'pins.csv'), format: 'csv' }, { signal: cancel.signal });
    await assert.rejects(writing, failing('cancelled'));
    assert.deepEqual([asked, readdirSync(folder)], [50, []]);
  });

  it('begins again when the pins change meanwhile, and gives up when they change every time', async () => {
    const folder = newFolder();
    const changed = new IpfsKitError('busy', 'It was changed.');
    const walks = [walkOf([PINS, PINS, changed]), walkOf([PINS])];
    const file = path.join(folder, 'pins.json');
    const { pins } = await exportPins(() => walks.shift() ?? walkOf([]), { path: file, format: 'json' }, { signal: NEVER });
    assert.equal(pins, PINS.length);
    assert.deepEqual(readBack(file, 'json'), PINS);
    const never = () => walkOf([changed]);
    await assert.rejects(exportPins(never, { path: file, format: 'json' }, { signal: NEVER }), failing('busy'));
  });

  it('reports how many pins have been written', async () => {
    const seen: number[] = [];
    const stretches = () => walkOf([PINS, PINS, PINS.slice(0, 1)]);
    const target = { path: path.join(newFolder(), 'pins.csv'), format: 'csv' } as const;
    await exportPins(stretches, target, { signal: NEVER, onPins: (pins) => seen.push(pins) });
    assert.deepEqual(seen, [PINS.length, 2 * PINS.length, 2 * PINS.length + 1]);
  });

  it('follows a link, and keeps the link', needs(POSIX), async () => {
    const folder = newFolder();
    writeFileSync(path.join(folder, 'real.csv'), '');
    symlinkSync('real.csv', path.join(folder, 'link.csv'));
    await write(path.join(folder, 'link.csv'), 'csv', PINS);
    assert.equal(readBack(path.join(folder, 'real.csv'), 'csv').length, PINS.length);
    assert.deepEqual(readdirSync(folder).sort(), ['link.csv', 'real.csv']);
  });

  it("into a folder, a path that doesn't exist, or one that can't be written is an error", needs('/proc'), async () => {
    const folder = newFolder();
    await assert.rejects(write(folder, 'csv', PINS), failing('not-a-file'));
    await assert.rejects(write(path.join(folder, 'none', 'pins.csv'), 'csv', PINS), /its folder doesn't exist/);
    await assert.rejects(write('/proc/pins.csv', 'csv', PINS), failing('unreadable'));
    if (process.getuid?.() !== 0) {
      chmodSync(folder, 0o500);
      await assert.rejects(write(path.join(folder, 'pins.csv'), 'csv', PINS), /no permission/);
      chmodSync(folder, 0o700);
    }
  });

  it('onto a device is an error', needs('/proc'), async () => {
    await assert.rejects(write('/dev/full', 'csv', PINS), failing('not-a-file'));
  });
});
