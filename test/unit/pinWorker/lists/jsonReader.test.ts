import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { IpfsKitError } from '../../../../src/base/ipfsKitError';
import { fieldOfColumn, PIN_COLUMNS } from '../../../../src/pin/columnNames';
import type { PinQuery } from '../../../../src/pin/pinQuery';
import { GROUP_KEYS, SORT_KEYS } from '../../../../src/pin/pinQuery';
import type { PinTable } from '../../../../src/pin/pinTable';
import { columnarTable } from '../../../../src/columns/columnarTable';
import { readJson } from '../../../../src/pinWorker/lists/jsonReader';
import { rounds } from '../../../support/rounds';

const going = new AbortController().signal;
const read = (text: string): Promise<PinTable> => readJson(Buffer.from(text), going);
const failing =
  (reason: IpfsKitError['reason'], what = /./) =>
  (error: unknown) =>
    IpfsKitError.is(error, reason) && what.test(error.message);

type Row = Readonly<Record<string, unknown>>;

/** The list as JSON.parse reads it, value by value. */
function plainTable(rows: readonly Row[]): PinTable {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const own = (row: number, name: string): unknown => {
    const of = rows[row] ?? {};
    return Object.hasOwn(of, name) ? of[name] : undefined;
  };
  return columnarTable({ rows: rows.length, names, value: (name, row) => own(row, name) }, 'as JSON.parse reads it');
}

/** The results of every query that a table supports. */
async function resultsOf(table: PinTable, cids: readonly string[]): Promise<unknown> {
  const queries: PinQuery[] = [
    {},
    { filter: 'a' },
    { filter: 'É' },
    { filter: 'a1', fuzzy: true },
    { filter: 'é"', fuzzy: true },
    { filter: 'status:p' },
    ...SORT_KEYS.map((sort) => ({ sort })),
  ];
  const pages = [];
  for (const query of queries) pages.push([query, await table.page(query, going), await table.count(query, going)]);
  const groups = [];
  for (const key of GROUP_KEYS) groups.push([key, await table.groups(key, {}, going)]);
  const details = [];
  for (const cid of cids) details.push((await table.details(cid, going)).map((row) => Object.fromEntries(row)));
  return { pages, groups, details };
}

const word = fc.constantFrom('a', 'A1', 'ba', 'é', 'É"\\', '日本', '\u{1f600}', '', ' ', 'x\0y', '/a/b', '["a","b"]', 'pinned');
const scalar = fc.oneof(
  word,
  fc.constantFrom(null, true, false, 0, 1, -1, 2.5, 1e300, -0, 77, 2 ** 53, 2 ** 60, 1_700_000_000, 1_700_000_003.25),
  fc.constantFrom('77', '-3', ' 5.5 ', '9007199254740993', '2023-11-14T22:13:22', '2023-11-14 22:13:25Z', '1700000000', 'never'),
);
const value = fc.oneof(
  { weight: 8, arbitrary: scalar },
  { weight: 1, arbitrary: fc.array(scalar, { maxLength: 3 }) },
  { weight: 1, arbitrary: fc.dictionary(fc.constantFrom('name', 'size_bytes', 'x'), scalar, { maxKeys: 3 }) },
  { weight: 1, arbitrary: fc.constantFrom('{"name":"in it","size_bytes":9}', '{"name":', '{"n\\u0061me":"a1"}', '[1]') },
);
const key = fc.constantFrom(...PIN_COLUMNS, 'extra', 'odd "key"', '2', 'ünïcode');
const cid = fc.constantFrom('QmA', 'QmB', 'Qmé', 'QmC');
const rowsOfPins = fc.array(
  fc.tuple(fc.dictionary(key, value, { maxKeys: 8 }), cid).map(([row, id]): Row => ({ ...row, cid: id })),
  { minLength: 1, maxLength: 12 },
);

/** JSON as other programs write it: with blanks, and with escapes for plain characters. */
const style = fc.record({ blanks: fc.boolean(), escapes: fc.boolean(), form: fc.constantFrom('list', 'pins', 'items', 'last') });

function written(rows: readonly Row[], { blanks, escapes, form }: { blanks: boolean; escapes: boolean; form: string }): string {
  let text = blanks ? JSON.stringify(rows, undefined, '\t') : JSON.stringify(rows);
  if (escapes)
    text = text
      .replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
      .replaceAll('"cid"', '"\\u0063id"')
      .replaceAll('"name"', '"n\\u0061me"');
  if (form === 'list') return text;
  if (form === 'last') return `{"total":{"of":[1,{}]},"items":[{"cid":"no"}],"error":null,"pins":${text}}`;
  return `{"count":${rows.length},"${form}":${text},"error":"","more":[[],{"a":"]"}]}`;
}

describe('a JSON list of pins', () => {
  it('is read as JSON.parse reads it: pins, orders, groups and details', () =>
    fc.assert(
      fc.asyncProperty(rowsOfPins, style, async (rows, how) => {
        const text = written(rows, how);
        const cids = ['QmA', 'Qmé', 'no'];
        assert.deepEqual(
          await resultsOf(await read(text), cids),
          await resultsOf(plainTable(JSON.parse(JSON.stringify(rows)) as Row[]), cids),
        );
      }),
      { numRuns: rounds(300) },
    ));

  it('takes the best column that any row has, however late it comes', async () => {
    const rows = [
      { cid: 'QmA', size: 1, last_updated: 1_700_000_000 },
      { cid: 'QmB', size: 2, file_size: 20, timestamp: 1_700_000_001 },
      { cid: 'QmC', file_size: 30, size_bytes: 300, last_updated: 1_700_000_002 },
      { file_size: 4, cid: 'QmD', size_bytes: 400, size: 4 },
    ];
    assert.deepEqual(await (await read(JSON.stringify(rows))).page({}, going), await plainTable(rows).page({}, going));
    assert.deepEqual(fieldOfColumn('SIZE'), { field: 'sizeBytes', rank: 2 });
  });

  it('takes the last of keys that come twice, half a character as one that is unknown, and a byte order mark for nothing', async () => {
    const pins = await (await read('[{"cid":"QmA","name":"a","name":"b"},{"cid":"QmB","name":"x","name":null}]')).page({}, going);
    assert.deepEqual(pins, [{ cid: 'QmA', name: 'b' }, { cid: 'QmB' }]);
    const [half] = await (await read('\ufeff[{"cid":"QmA","name":"a\\ud800"}]')).page({}, going);
    assert.equal(half?.name, 'a\ufffd');
  });

  it('whose rows have no CID column is malformed, not empty', async () => {
    for (const body of ['[{"name":"a"}]', '{"pins":[{"key":1},{"name":"b"}]}', '[{}]'])
      await assert.rejects(read(body), failing('malformed'), body);
  });

  it('may spell its columns in any case, and leave them out in some rows', async () => {
    const table = await read('{"pins":[{"name":"none"},{"CID":"QmA","Name":"a"},{"CID":"QmB"},{"cid":"QmC"}]}');
    assert.deepEqual(
      (await table.page({}, going)).map(({ cid: id }) => id),
      ['QmA', 'QmB', 'QmC'],
    );
    assert.equal(await table.count({}, going), 3);
  });

  it('is searched by its complete texts, and shows the daemon’s own error shortened', async () => {
    const name = `${'x'.repeat(10_000)}End`;
    const table = await read(JSON.stringify([{ cid: 'QmA', name }, { cid: 'QmB' }]));
    assert.equal(await table.count({ filter: 'xEND' }, going), 1);
    for (const error of ['y'.repeat(10_000), '\u0001\u{1f600}é"\\'.repeat(1000)])
      for (const text of [JSON.stringify(error), JSON.stringify(error).replaceAll('é', '\\u00e9')])
        await assert.rejects(read(`{"pins":[],"total":0,"error":${text}}`), (failure) => {
          assert.ok(IpfsKitError.is(failure, 'unreadable') && failure.message.length < 400);
          return failure.message.endsWith(error.slice(0, 300));
        });
  });

  it("with a row that isn't an object is malformed", async () => {
    for (const row of ['7', 'null', '["x"]', '"text"', '[]'])
      for (const text of [`[${row}]`, `[{"cid":"QmA"},${row}]`, `{"pins":[{"cid":"QmA"},${row}]}`])
        await assert.rejects(read(text), failing('malformed', /isn't an object/), text);
  });

  it('with anything in it that is not JSON is malformed, wherever that is', async () => {
    const whole = '{"pins":[{"cid":"QmA","size":1,"x":{"y":[true,1.5e3]}}],"n":"a"}';
    assert.equal(await (await read(whole)).count({}, going), 1);
    for (let at = 0; at < whole.length; at++)
      await assert.rejects(read(whole.slice(0, at)), failing(at === 0 ? 'empty' : 'malformed'));
    for (const text of [
      `${whole}x`,
      `${whole}${whole}`,
      '[{"cid":"QmA"},]',
      '[{"cid":"QmA",}]',
      '[{"cid":"QmA" "x":1}]',
      '[{"cid":nan}]',
      '[{"cid":NaNs}]',
      '[{"cid":+Infinity}]',
      '[{"cid":"QmA","size":01}]',
      '[{"cid":"QmA","size":1.}]',
      '[{"cid":"QmA","size":+1}]',
      '[{"cid":"Qm\nA"}]',
      '[{"cid":"Qm\\xA"}]',
      "[{'cid':1}]",
      '[{"cid":"QmA"}{"cid":"QmB"}]',
      '{"pins":[{"cid":"QmA"}],"pins":[{"cid":"QmB"}]}',
      '{"pins":[{"cid":"QmA"}],"more":[1,}]}',
    ])
      await assert.rejects(read(text), failing('malformed'), text);
    await assert.rejects(readJson(Buffer.from('[{"cid":"\xff"}]', 'latin1'), going), failing('malformed', /UTF-8/));
  });

  it('has bounds: bytes, rows, bytes of a row, depth', async () => {
    await assert.rejects(readJson(new Uint8Array(2 ** 28 + 1), going), failing('too-large', /268,435,456 bytes/));
    await assert.rejects(read(`[${'{},'.repeat(5_000_000)}{}]`), failing('too-large', /5,000,000 rows/));
    await assert.rejects(read(`[{"cid":"QmA","x":"${'y'.repeat(2 ** 20)}"}]`), failing('too-large', /row of more than/));
    const nested = (depth: number): string => `[{"cid":"QmA","x":${'['.repeat(depth)}${']'.repeat(depth)}}]`;
    assert.equal(await (await read(nested(64))).count({}, going), 1);
    await assert.rejects(read(nested(65)), failing('malformed', /nested/));
    await assert.rejects(read('['.repeat(2 ** 20)), failing('malformed'));
  });

  it('with more than a million groups is not grouped so', async () => {
    const rows = Array.from({ length: 2 ** 20 + 1 }, (_, at) => `{"cid":"Qm","tier":"${at}","backend":"ipfs"}`);
    const table = await read(`[${rows.join(',')}]`);
    await assert.rejects(table.groups('tier', {}, going), failing('too-large', /1,048,576 groups/));
    assert.deepEqual(await table.groups('backend', {}, going), [{ key: 'ipfs', count: 2 ** 20 + 1, sized: 0 }]);
  });

  it('with more keys than are shown has all its pins, and the first of the keys', async () => {
    const row = (at: number): string =>
      `{${Array.from({ length: 50 }, (_, nth) => `"k${50 * at + nth}":1`).join(',')},"cid":"Qm${at}"}`;
    const table = await read(`[${Array.from({ length: 1000 }, (_, at) => row(at)).join(',')}]`);
    assert.equal(await table.count({}, going), 1000);
    const [first] = await table.details('Qm0', going);
    assert.equal(first?.length, 200);
    assert.deepEqual(first.slice(49, 52), [
      ['k49', '1'],
      ['cid', 'Qm0'],
      ['k50', ''],
    ]);
  });

  it('can be canceled while it is read', async () => {
    const controller = new AbortController();
    const reading = readJson(Buffer.from(`[${'{"cid":"QmA"},'.repeat(1_000_000)}{}]`), controller.signal);
    setImmediate(() => controller.abort()); // The abort happens only if reading lets the event loop turn.
    await assert.rejects(reading, failing('cancelled'));
  });
});

describe('a size past 2^53', () => {
  const rest = Array.from({ length: 2000 }, (_, at) => `"k${at}":${at}`).join(',');
  const sizes = ['1e18', '"9007199254740993"', '5', '"90071992547\\u00340995"'];
  const body = `[${sizes.map((size, at) => `{"cid":"Qm${at}","size_bytes":${size},${rest}}`).join(',')}]`;

  it('is exact if it is text, and read without the rest of its row', async (test) => {
    const table = await read(body);
    const parse = test.mock.method(JSON, 'parse');
    const page = await table.page({ sort: 'size', limit: 10 }, going);
    assert.deepEqual(
      page.map(({ cid, sizeBytes }) => [cid, sizeBytes]),
      [
        ['Qm2', 5],
        ['Qm1', '9007199254740993'],
        ['Qm3', '9007199254740995'],
        ['Qm0', '1000000000000000000'],
      ],
    );
    const parsed = parse.mock.calls.reduce((sum, { arguments: [text] }) => sum + text.length, 0);
    assert.ok(parsed < 1000, `${parsed} characters were parsed`);
  });
});
