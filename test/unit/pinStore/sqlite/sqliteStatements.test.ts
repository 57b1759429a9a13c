import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import * as expressions from '../../../../src/pinStore/sqlite/sqliteExpressions';
import type { PinSource, TableInfo } from '../../../../src/pinStore/sqlite/sqliteSelect';
import {
  atMostStatement,
  choosePinSource,
  countStatement,
  detailsStatements,
  groupsStatement,
  totalStatement,
  pageStatement,
} from '../../../../src/pinStore/sqlite/sqliteSelect';

const COLUMNS = ['cid', 'name', 'pin_type'];

function sourceOf(how: Partial<TableInfo>): PinSource {
  const columns = COLUMNS.map((name, at) => ({ name, keyPosition: at === 0 ? 1 : 0 }));
  const source = choosePinSource([{ name: 'pins', kind: 'table', withoutRowid: false, columns, ...how }], true);
  assert.ok(source);
  return source;
}

const table = sourceOf({});
const view = sourceOf({ kind: 'view' });
const cache = sourceOf({
  name: 'pin_cache',
  columns: ['cid', 'backend'].map((name) => ({ name, keyPosition: 0 })),
});
const page = { limit: 200, offset: 0 };

const SHAPES: readonly (readonly [what: string, sql: string])[] = [
  ['A page in the order of the table', pageStatement(table, page).sql],
  [
    'A sorted page of a table: row numbers are sorted, and the rows of the page fetched by them',
    pageStatement(table, { ...page, sort: 'name' }).sql,
  ],
  ['A sorted page of a view, whose rows have no numbers', pageStatement(view, { ...page, sort: 'name' }).sql],
  ['A page of pin_cache, which has a row for each backend of a pin', pageStatement(cache, page).sql],
  ['The number of all pins', countStatement(table, {}).sql],
  ['The number of pins that a filter finds', countStatement(table, { filter: 'readme' }).sql],
  ['The sizes of all pins together, in a table without sizes', totalStatement(table, {}).sql],
  ['The groups of a table', groupsStatement(table, 'type', {}).sql],
  ['How many pins there are at most', atMostStatement(table, 200).sql],
  ['All columns of a pin', detailsStatements(table, 'Qm').map(({ sql }) => sql)[0] ?? ''],
];

/** The statement with names in place of column expressions, the longest first, since one contains another. */
function short(sql: string): string {
  const made = Object.entries(expressions).flatMap(([name, make]) =>
    typeof make === 'function' && !['quoted', 'isNoPin', 'namesTextOf', 'folderOf', 'monthOf'].includes(name)
      ? [...COLUMNS, 'backend', 'replicas', 'rows.key'].map((column) => {
          const x = column === 'rows.key' ? column : `"${column}"`;
          return [String((make as (x: string, y?: boolean) => unknown)(x)), `${name}(${x})`] as const;
        })
      : [],
  );
  made.sort((a, b) => b[0].length - a[0].length);
  let text = made.reduce((whole, [long, name]) => whole.replaceAll(long, name), sql);
  text = text.replace(/CASE WHEN isPin\("cid"\) THEN 1 ELSE .* < 0 END/, 'PIN');
  return text.replaceAll(/\s+/g, ' ').trim();
}

describe('the SQL for a list of pins', () => {
  it('is what the comment in sqliteSelect.ts shows of each shape', () => {
    const source = readFileSync('src/pinStore/sqlite/sqliteSelect.ts', 'utf8');
    for (const [what, sql] of SHAPES) {
      const shown = ` * ${what}:\n *   ${short(sql)}\n`;
      assert.ok(source.includes(shown), `expected\n${shown}`);
    }
  });
});
