import assert from 'node:assert/strict';
import { readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { probe } from '../../../src/daemonClient/ipfsKit/probe';
import { IpfsKitError } from '../../../src/base/ipfsKitError';
import { createPinWorkerHandle } from '../../../src/pinWorker/pinWorkerHandle';
import { readMarks } from '../../../src/pinWorker/readMarks';
import { ipfsKitSource } from '../../../src/pinSource/ipfsKitSource';
import { createPinListModel } from '../../../src/pinTree/list/pinListModel';
import { testFolder } from '../../support/folder';
import { inHostProcess } from '../../support/hostProcess';
import { repeatingServer } from '../../support/repeatingServer';

const LARGE = 2 ** 21;
const root = testFolder('marks');
let folders = 0;
const newFolder = (): string => path.join(root, String(++folders));
const isRefused = (error: unknown): boolean => IpfsKitError.is(error, 'not-repeated') && error.message.includes('Refresh');
const marksIn = (folder: string): string[] => readdirSync(path.join(folder, 'unfinished'));

describe('a list that stopped the process that read it', () => {
  it('is not read again', async () => {
    const folder = newFolder();
    const location = 'http://127.0.0.1:1/pins';
    const { signal } = await inHostProcess('test/support/abortsWhileReading.ts', { argument: { folder, location } });
    assert.equal(signal, 'SIGABRT');
    const marks = readMarks(folder);
    assert.throws(() => marks.check(location), isRefused);
    marks.check('http://127.0.0.1:1/pin-index-arrow');
  });

  it('is read again when the user refreshes and then, if that went well, automatically', async () => {
    const folder = newFolder();
    const server = await repeatingServer({
      '/health': { head: '{"status":"ok"}', unit: ' ', bytes: 0 },
      '/pins': { head: '[{"cid":"Qm"}', unit: ',{"cid":"Qm#"}', tail: ']', digits: 8, bytes: LARGE },
    });
    const worker = createPinWorkerHandle({
      file: path.join(process.cwd(), 'dist/pinWorker.js'),
      wasmFile: '',
      keepFolder: folder,
    });
    const source = ipfsKitSource({
      probe: (urls, signal) => probe(urls, signal && { signal }),
      sources: () => ({ daemonUrls: [server.url] }),
    });
    const model = createPinListModel({ worker, source });
    try {
      // Simulates a thread of this process that was ended during the read.
      void readMarks(folder).during(`${server.url}/pins`, LARGE, () => new Promise(() => undefined));
      await model.list();
      assert.ok(isRefused(model.state.error), String(model.state.error));
      await model.list();
      assert.equal(server.asked.get('/pins'), undefined, 'it was not even requested');
      await model.list(undefined, true);
      assert.equal(model.state.error, undefined);
      assert.deepEqual(marksIn(folder), []);
      await model.list();
      assert.equal(model.state.error, undefined);
      assert.equal(server.asked.get('/pins'), 2);
    } finally {
      model.dispose();
      await worker.dispose();
      await server.close();
    }
  });
});

describe('a list that is read', () => {
  it('is marked while a large body is decoded, regardless of the result, and no longer; a small one never is', async () => {
    const folder = newFolder();
    const marks = readMarks(folder);
    assert.equal(await marks.during('small', 2 ** 10, () => Promise.resolve(7)), 7);
    const seen = await marks.during('large', LARGE, () => Promise.resolve(marksIn(folder).length));
    assert.equal(seen, 1);
    await assert.rejects(
      marks.during('large', LARGE, () => Promise.reject(new IpfsKitError('malformed', 'It is not.'))),
      (error) => IpfsKitError.is(error, 'malformed'),
    );
    assert.deepEqual(marksIn(folder), []);
    await marks.during('large', LARGE, () => {
      marks.check('large'); // Another caller is reading it.
      return Promise.resolve();
    });
    const blocked = path.join(folder, 'a file where the folder should be');
    writeFileSync(blocked, '');
    assert.equal(await readMarks(blocked).during('large', LARGE, () => Promise.resolve(7)), 7, 'a mark is a courtesy');
    const none = readMarks(undefined);
    none.check('large');
    assert.equal(await none.during('large', LARGE, () => Promise.resolve(7)), 7);
  });
});
