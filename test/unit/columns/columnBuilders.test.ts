import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { IpfsKitError } from '../../../src/base/ipfsKitError';
import type { ColumnSource } from '../../../src/pin/columnSource';
import type { PinQuery } from '../../../src/pin/pinQuery';
import { GROUP_KEYS, SORT_KEYS } from '../../../src/pin/pinQuery';
import { columnarTable } from '../../../src/columns/columnarTable';
import { textBuilder, noTexts, ROWS_A_PART, sourceOf, textBudget } from '../../../src/columns/columnBuilders';
import { numberBuilder } from '../../../src/columns/numberBuilder';
import { extraTextBuilder } from '../../../src/columns/extraTexts';
import { repeatedTextBuilder } from '../../../src/columns/repeatedTexts';
import { rowsByText } from '../../../src/columns/rowsByText';

const NEVER = new AbortController().signal;

interface Row {
  readonly cid: string;
  readonly name: string | undefined;
  readonly status: string | undefined;
  readonly pin_type: string | undefined;
  readonly size_bytes: number;
  readonly timestamp: number;
}

const text = fc.oneof(
  fc.constantFrom(undefined, '', 'readme', 'README', 'é', '日本', '\u{1f600}', ' ', 'x\0y', '\ufeffmark', 'a'.repeat(300)),
  fc.string({ unit: 'grapheme', maxLength: 8 }),
);
const row: fc.Arbitrary<Row> = fc.record({
  cid: fc.integer({ min: 0, max: 40 }).map((n) => `Qm${n}`),
  name: text,
  status: fc.constantFrom('pinned', 'queued', undefined),
  pin_type: fc.constantFrom('recursive', 'direct', 'é', undefined),
  size_bytes: fc.constantFrom(0, 1, 77, 2 ** 40, NaN),
  timestamp: fc.constantFrom(NaN, Date.UTC(2026, 1, 3), Date.UTC(2026, 10, 28, 1, 2, 3, 4)),
});

const query: fc.Arbitrary<PinQuery> = fc.record(
  {
    fuzzy: fc.boolean(),
    filter: fc.constantFrom('', 'read', 'QM1', 'é', 'e', '\u{1f600}', 'x\0y', ' '),
    sort: fc.constantFrom(...SORT_KEYS),
    group: fc.constantFrom(...GROUP_KEYS),
    offset: fc.integer({ min: 0, max: 12 }),
    limit: fc.integer({ min: 0, max: 40 }),
  },
  { requiredKeys: [] },
);

function growing() {
  const [cid, name, status] = [textBuilder(), textBuilder(), textBuilder()];
  const [size, time, type] = [numberBuilder('number'), numberBuilder('time'), repeatedTextBuilder()];
  return {
    add: (each: Row, byBytes: boolean) => {
      const bytes = Buffer.from(`<${each.cid}>`);
      if (byBytes) cid.add(bytes, 1, bytes.length - 1);
      else cid.addText(each.cid);
      name.addText(each.name);
      status.addText(each.status);
      type.addText(each.pin_type);
      size.add(each.size_bytes);
      time.add(each.timestamp);
    },
    now: () =>
      sourceOf({
        ...{ cid: cid.now(), name: name.now(), status: status.now(), pin_type: type.now() },
        ...{ size_bytes: size.now(), timestamp: time.now() },
      }),
  };
}

/** The same rows, one by one. */
function plainly(rows: readonly Row[]): ColumnSource {
  return {
    rows: rows.length,
    names: ['cid', 'name', 'status', 'pin_type', 'size_bytes', 'timestamp'],
    value: (column, at) => {
      const value = rows[at]?.[column as keyof Row];
      if (column === 'timestamp') return Number.isNaN(value) ? null : new Date(Number(value));
      return value === undefined || Number.isNaN(value) ? null : value;
    },
  };
}

async function answers(source: ColumnSource, queries: readonly PinQuery[]): Promise<unknown[]> {
  const table = columnarTable(source, 'rows');
  const all: unknown[] = [];
  for (const each of queries) {
    all.push(await table.page(each, NEVER), await table.count(each, NEVER));
    if (each.group) all.push(await table.groups(each.group, { filter: each.filter ?? '' }, NEVER));
  }
  return all;
}

describe('columns that grow', () => {
  it('answer any query as their rows do, at any length, and earlier results stay unchanged', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(row, { maxLength: 60 }),
        fc.nat(60),
        fc.array(query, { minLength: 1, maxLength: 5 }),
        fc.boolean(),
        async (rows, at, queries, byBytes) => {
          const columns = growing();
          const early = Math.min(at, rows.length);
          for (const each of rows.slice(0, early)) columns.add(each, byBytes);
          const then = columns.now();
          for (const each of rows.slice(early)) columns.add(each, byBytes);
          assert.deepEqual(await answers(columns.now(), queries), await answers(plainly(rows), queries));
          assert.deepEqual(await answers(then, queries), await answers(plainly(rows.slice(0, early)), queries));
        },
      ),
      { numRuns: 100 },
    ));

  it('continue after a full part, with every row in its place', async () => {
    const total = 2 * ROWS_A_PART + 3;
    const [cids, names, numbers] = [textBuilder(), textBuilder(), numberBuilder('number')];
    const early: ColumnSource[] = [];
    for (let at = 0; at < total; at++) {
      if (at === ROWS_A_PART - 1 || at === ROWS_A_PART)
        early.push(sourceOf({ cid: cids.now(), name: noTexts(at), size: numbers.now() }));
      cids.addText(`cid-${at}`);
      names.addText(at % 1000 === 7 ? `name ${at}` : undefined);
      numbers.add(at);
    }
    const source = sourceOf({ cid: cids.now(), name: names.now(), size: numbers.now() });
    const all = new Float64Array(total);
    source.numbers?.('size')?.fill(all, 0);
    for (let at = 0; at < total; at++) {
      if (source.value('cid', at) !== `cid-${at}` || all[at] !== at) assert.fail(`row ${at}`);
    }
    const some = new Float64Array(10);
    source.numbers?.('size')?.fill(some, ROWS_A_PART - 5);
    assert.deepEqual(
      [...some],
      Array.from({ length: 10 }, (_, index) => ROWS_A_PART - 5 + index),
    );
    const table = columnarTable(source, 'rows');
    assert.equal(await table.count({ filter: 'NAME ' }, NEVER), Math.ceil((total - 7) / 1000));
    assert.equal(await table.count({ filter: `cid-${total - 1}` }, NEVER), 1);
    assert.deepEqual(
      (await table.page({ sort: '-size', limit: 2 }, NEVER)).map(({ cid }) => cid),
      [`cid-${total - 1}`, `cid-${total - 2}`],
    );
    for (const each of early) {
      assert.equal(await columnarTable(each, 'rows').count({ filter: 'cid-' }, NEVER), each.rows);
      assert.deepEqual(await columnarTable(each, 'rows').page({ offset: each.rows - 1, limit: 9 }, NEVER), [
        { cid: `cid-${each.rows - 1}`, sizeBytes: each.rows - 1 },
      ]);
    }
  });
});

describe('a column in which many rows are equal', () => {
  it('takes no memory while all are', () => {
    const columns = [numberBuilder('time'), numberBuilder('time'), numberBuilder('number')] as const;
    const texts = [textBuilder(), extraTextBuilder(), repeatedTextBuilder(), repeatedTextBuilder()] as const;
    const before = process.memoryUsage().arrayBuffers;
    for (let row = 0; row < 3 * ROWS_A_PART; row++) {
      for (const [at, value] of [NaN, Infinity, -1].entries()) columns[at]?.add(value);
      for (const [at, text] of [undefined, '', undefined, 'recursive'].entries()) texts[at]?.addText(text);
    }
    assert.ok(process.memoryUsage().arrayBuffers <= before);
    assert.deepEqual(
      [...columns, ...texts].map((each) => each.now().value(3 * ROWS_A_PART - 1)),
      [null, 'never', -1, null, null, null, 'recursive'],
    );
    assert.deepEqual(
      [...columns, ...texts].map((each) => each.now().value(3 * ROWS_A_PART)),
      Array<null>(7).fill(null),
    );
  });

  it('has every row in its place, wherever the value changes', () => {
    for (const at of [0, 1, 7, 8, 300, ROWS_A_PART - 1, ROWS_A_PART, ROWS_A_PART + 1, 2 * ROWS_A_PART - 1])
      for (const [first, then] of [
        ['', 'b'],
        ['a', ''],
        ['a', 'b'],
      ]) {
        const total = 2 * ROWS_A_PART;
        const [text, repeated, number] = [textBuilder(), repeatedTextBuilder(), numberBuilder('number')];
        for (let row = 0; row < total; row++) {
          const value = row === at ? then : first;
          text.addText(value);
          repeated.addText(value);
          number.add(value === '' ? NaN : (value?.charCodeAt(0) ?? 0));
        }
        const [texts, repeats, numbers] = [text.now(), repeated.now(), number.now()];
        const all = new Float64Array(total);
        numbers.numbers?.fill(all, 0);
        for (let row = 0; row < total; row++) {
          const given = row === at ? then : first;
          const value = given === '' || given === undefined ? null : given;
          const code = value === null ? null : value.charCodeAt(0);
          if (texts.value(row) !== value || repeats.value(row) !== value) assert.fail(`row ${row}, changed at ${at}`);
          if (numbers.value(row) !== code || !Object.is(all[row], code ?? NaN)) assert.fail(`number ${row}, changed at ${at}`);
        }
        assert.equal(repeats.hasTextInEveryRow, first !== '' && then !== '');
      }
  });

  it('keeps 65,536 different texts, and 16 million characters of them; later ones are left out', () => {
    const [short, long] = [repeatedTextBuilder(), repeatedTextBuilder()];
    for (let row = 0; row <= 65_536; row++) short.addText(`text ${row}`);
    short.addText('text 5');
    assert.deepEqual([65_535, 65_536, 65_537].map((row) => short.now().value(row)), ['text 65535', null, 'text 5']); // prettier-ignore
    for (const letter of ['a', 'b', 'c']) long.addText(letter.repeat(7_000_000));
    assert.deepEqual([0, 1, 2].map((row) => long.now().value(row) === null), [false, false, true]); // prettier-ignore
    const extra = extraTextBuilder(5);
    for (const text of ['abc', 'def', 'gh', 'i']) extra.addText(text);
    assert.deepEqual([0, 1, 2, 3].map((row) => extra.now().value(row)), ['abc', null, 'gh', null]); // prettier-ignore
  });
});

describe('columns that share a budget', () => {
  it('keep no more bytes in all than it allows, and only complete rows', () => {
    const budget = textBudget(20);
    const [cids, names] = [textBuilder(budget), textBuilder(budget)];
    const tooLarge = (error: unknown): boolean => IpfsKitError.is(error, 'too-large');
    cids.addText('12345');
    names.addText('\u65e5\u672c');
    cids.add(Buffer.from('-1234-'), 1, 5);
    assert.throws(() => names.addText('\u65e5\u672c'), tooLarge);
    assert.throws(() => names.add(Buffer.from('123456'), 0, 6), tooLarge);
    const source = sourceOf({ cid: cids.now(), name: names.now() });
    assert.deepEqual([source.rows, source.value('cid', 0), source.value('name', 0)], [1, '12345', '\u65e5\u672c']);
    names.addText('12345');
    assert.throws(() => names.addText('1'), tooLarge);
    names.addText(undefined);
  });

  it('have one of 512 MiB by default, so that every offset fits in 32 bits', () => {
    const budget = textBudget();
    budget(2 ** 29);
    assert.throws(() => budget(1), /536,870,912 bytes/);
  });
});

describe('rows by their text', () => {
  it('are found, the first of several; and no other is', () =>
    fc.assert(
      fc.asyncProperty(fc.array(fc.string({ minLength: 1, maxLength: 3 }), { maxLength: 80 }), fc.nat(80), async (texts, at) => {
        const column = textBuilder();
        for (const each of texts) column.addText(each);
        const first = Math.min(at, texts.length);
        const rows = await rowsByText(column.parts(), first, texts.length, NEVER);
        for (const each of [...texts, 'nowhere']) {
          const bytes = Buffer.from(each);
          assert.equal(rows.rowOf(bytes, 0, bytes.length), texts.indexOf(each, first));
        }
      }),
    ));
});
