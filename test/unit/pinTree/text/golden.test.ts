import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { PinListModel } from '../../../../src/pinTree/list/pinListModel';
import { ipfsKitSource } from '../../../../src/pinSource/ipfsKitSource';
import { createPinListModel } from '../../../../src/pinTree/list/pinListModel';
import { probe } from '../../../../src/daemonClient/ipfsKit/probe';
import { createPinWorkerHandle } from '../../../../src/pinWorker/pinWorkerHandle';
import { pinDescription, pinLabel, pinSpoken } from '../../../../src/pinTree/text/pinText';
import { pinFacts } from '../../../../src/pinTree/text/pinFacts';
import { provenance, viewMessage } from '../../../../src/pinTree/text/provenanceText';
import { assertGolden } from '../../../support/golden';
import type { TestDaemon } from '../../../support/testDaemon';
import { startTestDaemon } from '../../../support/testDaemon';

/** The whole view as text, compared with test/fixtures/golden, so that displayed text changes only on purpose. UPDATE_GOLDEN=1 rewrites the files. */

const NOW = Date.UTC(2026, 10, 23, 12);
const dist = path.join(process.cwd(), 'dist');
const worker = createPinWorkerHandle({ file: path.join(dist, 'pinWorker.js'), wasmFile: path.join(dist, 'sql-wasm.wasm') });
const folder = mkdtempSync(path.join(tmpdir(), 'golden-'));
let daemon: TestDaemon;

before(async () => {
  const hostile = [
    { cid: 'QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPaG8', name: '$(trash) [x](command:quit)' },
    { cid: 'QmY1Q2YxKXR9Zz8qM4c8N5k2z8v3u1L4t6h9q3w2e5r1a', name: 'sample_document.pdf', pin_type: 'recursive' },
    {
      cid: 'bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi',
      name: 'exe.\u202egnp\n',
      pin_type: 'odd\ttype',
      size_bytes: 1,
    },
    { cid: '<script>\u0000', name: null },
  ];
  const file = path.join(folder, 'hostile.json');
  writeFileSync(file, JSON.stringify(hostile));
  daemon = await startTestDaemon(['--pins-file', file, '--no-database']);
});
after(async () => {
  await worker.dispose();
  await daemon.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function listed(sources: { databasePath?: string; samplePath?: string; daemonUrls?: string[] }): Promise<PinListModel> {
  const model = createPinListModel({
    worker,
    source: ipfsKitSource({ probe: (urls, signal) => probe(urls, signal && { signal }), sources: () => sources }),
  });
  await model.list();
  return model;
}

function render({ state }: PinListModel): string {
  const rows = state.rows.pins.flatMap((pin) => [
    `▸ ${pinLabel(pin)}  ${pinDescription(pin, NOW)}`,
    `    “${pinSpoken(pin, NOW)}”`,
    ...pinFacts(pin).map(([title, value]) => `    ${title}: ${value}`),
  ]);
  const when = (text: string): string => text.replace(/(SQLite), [\d:-]+/, '$1, <time>');
  const message = viewMessage(state, NOW);
  return `${[`[${when(provenance(state, NOW))}]`, ...(message ? [when(message)] : []), ...rows].join('\n')}\n`;
}

describe('the view, as text', () => {
  const sample = path.join(process.cwd(), 'media/sample/pins.db');

  it('of the sample', async () => assertGolden('sample', render(await listed({ databasePath: sample, samplePath: sample }))));

  it('of a database of the command line', async () =>
    assertGolden(
      'sqlite',
      render(
        await listed({
          daemonUrls: ['http://127.0.0.1:1'],
          databasePath: path.join(process.cwd(), 'test/fixtures/sqlite/pins-cli-shape.db'),
        }),
      ),
    ));

  it('of hostile pins, live', async () => assertGolden('hostile', render(await listed({ daemonUrls: [daemon.url] }))));
});
