import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { readArrow } from '../../../src/arrow/arrowReader';
import type { PinQuery } from '../../../src/pin/pinQuery';
import type { Pin } from '../../../src/pin/pin';

const fixtures = path.join(process.cwd(), 'test/fixtures/arrow');
const going = new AbortController().signal;

function bodies(): string[] {
  return readdirSync(fixtures, { recursive: true })
    .map(String)
    .filter((file) => /\.arrows?$/.test(file))
    .sort();
}

function goldenOf(file: string): Pin[] {
  return JSON.parse(readFileSync(path.join(fixtures, file.replace(/\..*$/, '.json')), 'utf8')) as Pin[];
}

describe('what pyarrow has written', () => {
  it('is here in every variant, in both forms', () => {
    const variants = new Set(bodies().map((file) => file.replace(/\..*$/, '')));
    assert.ok(variants.size >= 20, [...variants].join(', '));
    assert.ok(bodies().length >= 45);
  });

  for (const file of bodies()) {
    it(`${file} is read as pyarrow reads it, field by field`, async () => {
      const table = await readArrow(readFileSync(path.join(fixtures, file)));
      assert.deepEqual(await table.page({ limit: 10_000 }, going), goldenOf(file));
      assert.equal(await table.count({}, going), goldenOf(file).length);
      table.close();
    });

    it(`${file} finds the same pins by its bytes as by their text`, async () => {
      const golden = goldenOf(file);
      const table = await readArrow(readFileSync(path.join(fixtures, file)));
      for (const filter of ['qmy', 'G8', 'READ', '日本', '/A', 'f', 'zz']) {
        const hits = golden.filter(({ name = '', cid, vfsPath = '' }) =>
          [name, cid, vfsPath].some((text) => text.toLowerCase().includes(filter.toLowerCase())),
        );
        const query: PinQuery = { filter, limit: 10_000 };
        assert.deepEqual(await table.page(query, going), hits, filter);
        assert.equal(await table.count({ filter }, going), hits.length, filter);
      }
    });
  }
});
