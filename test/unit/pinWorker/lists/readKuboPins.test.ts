import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { IpfsKitError } from '../../../../src/base/ipfsKitError';
import { columnarTable } from '../../../../src/columns/columnarTable';
import type { StreamedListOptions, StreamedList } from '../../../../src/pinWorker/lists/streamedList';
import { readKuboPins } from '../../../../src/pinWorker/lists/readKuboPins';
import type { Answer, ReplayedRequest } from '../../../support/replayServer';
import { framed, lines, recordedAnswer, replayServer } from '../../../support/replayServer';
import { settled } from '../../daemonClient/rawServer';

const NEVER = new AbortController().signal;

interface Opened {
  readonly list: StreamedList | IpfsKitError;
  /** The number of rows of each intermediate list. */
  readonly shown: readonly number[];
  /** The requested type, and whether names were requested. */
  readonly asked: readonly string[];
  readonly bytes: number;
}

const key = ({ query }: ReplayedRequest): string => `${query.get('type') ?? ''}${query.get('names') === 'true' ? ' named' : ''}`;

/** Opens the list of a Kubo with these responses; a missing one is an empty list. */
async function open(
  answers: Readonly<Record<string, Answer>>,
  indirect = false,
  signal = NEVER,
  bounds: Pick<StreamedListOptions, 'mostTextBytes'> = {},
): Promise<Opened> {
  const server = await replayServer((request) => answers[key(request)] ?? {});
  const shown: number[] = [];
  let bytes = 0;
  const list = await readKuboPins(
    { access: { url: server.url }, indirect },
    { ...bounds, signal, onReceived: (received) => (bytes = received), onSoFar: ({ rows }) => shown.push(rows) },
  ).catch((error: unknown) => IpfsKitError.from(error));
  assert.ok(await settled(() => server.open() === 0), 'no connection is left open');
  await server.close();
  for (const { method } of server.requests) assert.equal(method, 'POST');
  return { list, shown, asked: server.requests.map(key), bytes };
}

/** Half of a surrogate pair has no UTF-8 form. */
const asUtf8 = (text: string): string => Buffer.from(text).toString();

type Row = readonly (string | null)[];

function rowsOf({ list }: Opened): Row[] {
  if (list instanceof Error) throw list;
  const { columns } = list;
  const row = (at: number): Row => ['cid', 'name', 'type'].map((column) => columns.value(column, at) as string | null);
  return Array.from({ length: columns.rows }, (_, at) => row(at));
}

const why = ({ list }: Opened): unknown =>
  list instanceof Error ? list.reason : [list.incomplete?.reason, list.namesMissing?.reason];

const pin = (Cid: string, Type: string, Name?: string) => ({ Cid, ...(Name !== undefined && { Name }), Type });

const recursive = recordedAnswer('test/fixtures/kubo/pin-ls-stream-recursive.http');
const direct = recordedAnswer('test/fixtures/kubo/pin-ls-stream-direct.http');
const nameless = (answer: Answer): Answer => ({
  ...answer,
  body: Buffer.from(String(Buffer.from(answer.body ?? '')).replace(/"Name":"[^"]*",/g, '')),
});
const real = {
  recursive: nameless(recursive),
  direct: nameless(direct),
  'recursive named': recursive,
  'direct named': direct,
};

describe('the pins of a Kubo', () => {
  it('are listed by type without names first, and then with them', async () => {
    const opened = await open(real);
    assert.deepEqual(opened.asked, ['recursive', 'direct', 'recursive named', 'direct named']);
    assert.deepEqual(rowsOf(opened), [
      ['bafybeibkgm4enpe6luvzztq7f7ljofgmazsbrerui4ecury7ogpxoi2ma4', 'demo site', 'recursive'],
      ['bafybeidmq32dm43exzlxfzgdfq44e6uov4mk4n4k26qmatwrspsgtspo2a', 'big 📦', 'recursive'],
      ['QmWpLmbM2YgbhUdqKaxMcYppdRjEbBXXaaFnNYCrvNSTyJ', null, 'recursive'],
      ['QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nn', null, 'recursive'],
      ['bafkreih3ut2fgcbe3pc2izopb3o7ogmnsho6yyfw3uo7ts4xvthzgdd26a', 'direct-one', 'direct'],
    ]);
    assert.deepEqual([why(opened), opened.shown.at(-1)], [[undefined, undefined], 5]);
    const bytes = Object.values(real).reduce((sum, { body }) => sum + Buffer.from(body ?? '').length, 0);
    assert.equal(opened.bytes, bytes);
  });

  it('that are indirect are listed when they are requested, without requesting names', async () => {
    const indirect = { body: lines([pin('QmBelow', 'indirect')]) };
    const opened = await open({ ...real, indirect }, true);
    assert.deepEqual(opened.asked, ['recursive', 'direct', 'indirect', 'recursive named', 'direct named']);
    assert.deepEqual(rowsOf(opened).at(-1), ['QmBelow', null, 'indirect']);
  });

  it("may be none, which isn't a failure and doesn't read a second list", async () => {
    const opened = await open({});
    assert.deepEqual([rowsOf(opened), why(opened), opened.asked], [[], [undefined, undefined], ['recursive', 'direct']]);
  });

  it('are matched by CID and type, in any order; new ones are added, removed ones stay', async () => {
    const opened = await open({
      recursive: { body: lines(['a', 'b', 'c', 'd'].map((cid) => pin(cid, 'recursive'))) },
      direct: { body: lines([pin('e', 'direct')]) },
      'recursive named': {
        body: lines([
          pin('d', 'recursive', 'D'),
          pin('new', 'recursive', 'N'),
          pin('a', 'recursive', 'A'),
          pin('b', 'recursive'),
        ]),
      },
      'direct named': { body: lines([pin('a', 'direct', 'A, direct'), pin('e', 'direct', 'E')]) },
    });
    assert.deepEqual(rowsOf(opened), [
      ['a', 'A', 'recursive'],
      ['b', null, 'recursive'],
      ['c', null, 'recursive'],
      ['d', 'D', 'recursive'],
      ['e', 'E', 'direct'],
      ['new', 'N', 'recursive'],
      ['a', 'A, direct', 'direct'],
    ]);
  });

  it('may come more than once, and then are shown more than once', async () => {
    const opened = await open({ recursive: { body: lines([pin('a', 'recursive'), pin('a', 'recursive')]) } });
    assert.equal(rowsOf(opened).length, 2);
  });

  it('of types that were not requested are left out, in both passes, and counted', async () => {
    const proxy = { body: lines([pin('a', 'recursive'), pin('b', 'recursive'), pin('c', 'direct'), { Cid: 'd' }]) };
    const named = { body: lines([pin('a', 'recursive', 'A'), pin('c', 'direct', 'C'), pin('e', 'internal', 'E')]) };
    const every = { recursive: proxy, direct: proxy, 'recursive named': named, 'direct named': named };
    const opened = await open(every);
    assert.deepEqual(rowsOf(opened), [
      ['a', 'A', 'recursive'],
      ['b', null, 'recursive'],
      ['d', null, null],
      ['c', 'C', 'direct'],
      ['d', null, null],
    ]);
    assert.equal((opened.list as StreamedList).leftOut, 'Left out: 3 with a type that was not requested.');
    const more = { body: lines([pin('a', 'recursive'), pin('c', 'direct'), pin('e', 'indirect'), pin('f', 'internal')]) };
    const { list } = await open({ recursive: more, direct: more });
    assert.equal((list as StreamedList).leftOut, 'Left out: 4 with a type that was not requested.');
    assert.equal(((await open(real)).list as StreamedList).leftOut, undefined);
  });

  it("are understood in one piece, as for a client that doesn't request a stream", async () => {
    const keys = (of: unknown): Answer => ({ body: `{"Keys":${JSON.stringify(of)}}\n` });
    const Type = 'recursive';
    const opened = await open({
      recursive: keys({ a: { Type }, 'b\n': { Type, Name: '' }, c: { Type: 'direct' } }),
      direct: keys(null),
      'recursive named': keys({ a: { Type, Name: 'A' }, 'b\n': { Type, Name: 'B\n' } }),
    });
    assert.deepEqual(rowsOf(opened), [
      ['a', 'A', Type],
      ['b\n', 'B\n', Type],
    ]);
    assert.deepEqual(
      [why(opened), (opened.list as StreamedList).leftOut],
      [[undefined, undefined], 'Left out: 1 with a type that was not requested.'],
    );
    for (const space of [' ', '\t', '']) {
      const body = JSON.stringify({ Keys: { a: { Type }, b: { Type } } }, null, space).replaceAll('{', '{\r\n');
      assert.deepEqual(rowsOf(await open({ recursive: { body } })).flat(), ['a', null, Type, 'b', null, Type]);
    }
    for (const body of ['{\n}', '{\n"Cid":"a"\n}', '{\n"Keys"', '{"Keys":{}}\n{"Keys":{}}', '{\n"Keys":{"a\nb":{}}}'])
      assert.equal(why(await open({ recursive: { body } })), 'malformed', body);
    const many = Object.fromEntries(
      Array.from({ length: 30_000 }, (_, at) => [`bafybeibkgm4enpe6luvzztq7f7ljofgmazsbrerui4ecury7o${at}`, { Type }]),
    );
    assert.equal(rowsOf(await open({ recursive: { ...keys(many), chunk: 65_536 } })).length, 30_000);
    for (const of of [[], 'a', 7, { a: [] }, { a: null }, { '': { Type } }, { ['a'.repeat(513)]: { Type } }])
      assert.equal(why(await open({ recursive: keys(of) })), 'malformed', JSON.stringify(of).slice(0, 20));
    assert.equal(why(await open({ recursive: { body: '{"Keys":{"a":{"Type":"recursive"},}}\n' } })), 'malformed');
    assert.equal(
      why(await open({ recursive: { ...keys({ a: { Type, Name: 'x'.repeat(2 ** 21) } }), chunk: 65_536 } })),
      'too-large',
    );
  });

  it('read as JSON.parse reads their lines, for any names', () => {
    const name = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 12 }),
      fc.constantFrom('\u202e', '$(x)', '"}', '\\', '\0', '\ud800', '\n', ''),
    );
    const pins = fc.uniqueArray(
      fc.record({
        Cid: fc.oneof(fc.string({ minLength: 1, maxLength: 6 }), fc.stringMatching(/^baf[a-z0-9]{3,60}$/)),
        Name: fc.option(name, { nil: undefined }),
      }),
      { selector: ({ Cid }) => asUtf8(Cid), maxLength: 12 },
    );
    return fc.assert(
      fc.asyncProperty(pins, fc.integer({ min: 1, max: 200 }), async (rows, chunk) => {
        const body = lines(rows.map((each) => ({ ...each, Type: 'recursive' })));
        const opened = await open({
          recursive: { body: lines(rows.map(({ Cid }) => pin(Cid, 'recursive'))), chunk },
          'recursive named': { body, chunk },
        });
        const parsed = body
          .split('\n')
          .filter(Boolean)
          .map((line) => JSON.parse(line) as { Cid: string; Name?: string; Type: string })
          .map(({ Cid, Name = '', Type }) => [asUtf8(Cid), Name === '' ? null : asUtf8(Name), Type]);
        assert.deepEqual(rowsOf(opened), parsed);
      }),
      { numRuns: 30 },
    );
  });
});

describe('a list of a Kubo that goes wrong', () => {
  const three = [pin('a', 'recursive'), pin('b', 'recursive'), pin('c', 'recursive')];

  it('is never shown as complete, wherever it is cut', async () => {
    const answer: Answer = { body: lines(three), chunk: 40 };
    const length = framed(answer).length;
    for (let after = 0; after < length; after += 3) {
      const opened = await open({ recursive: { ...answer, fault: { kind: 'cut', after } } });
      if (opened.list instanceof Error) assert.equal(opened.list.reason, 'truncated');
      else {
        assert.deepEqual(why(opened), ['truncated', 'truncated']);
        const came = rowsOf(opened).map(([cid]) => cid);
        assert.ok(came.length > 0);
        assert.deepEqual(came, ['a', 'b', 'c'].slice(0, came.length));
      }
    }
  });

  it('with an error in its trailer is incomplete, though it ended well', async () => {
    const opened = await open({ recursive: { body: lines(three), trailers: { 'X-Stream-Error': 'datastore closed' } } });
    assert.deepEqual([rowsOf(opened).length, why(opened)], [3, ['truncated', 'truncated']]);
  });

  it('after a complete one is incomplete, for any error', async () => {
    for (const direct of [
      { status: '500 Internal Server Error' },
      { body: 'no JSON\n' },
      { fault: { kind: 'cut', after: 0 } as const },
    ]) {
      const opened = await open({ recursive: { body: lines(three) }, direct });
      const [reason] = why(opened) as [string];
      assert.ok(['http-status', 'malformed', 'truncated'].includes(reason), reason);
      assert.equal(rowsOf(opened).length, 3);
    }
  });

  it('of names leaves the pins without names, and reports it', async () => {
    for (const [named, reason] of [
      [{ body: lines([pin('a', 'recursive', 'A')]), trailers: { 'X-Stream-Error': 'no' } }, 'truncated'],
      [{ body: '{"Cid":"a","Name":"A"}\n[]\n' }, 'malformed'],
      [{ status: '500 Internal Server Error', body: '{"Message":"no"}' }, 'http-status'],
    ] as const) {
      const opened = await open({ recursive: { body: lines(three) }, 'recursive named': named });
      assert.deepEqual(why(opened), [undefined, reason]);
      assert.deepEqual(
        rowsOf(opened).map(([, name]) => name),
        [null, null, null],
      );
    }
  });

  const broken: [string, Answer, string][] = [
    ['a token is required', { status: '403 Forbidden', body: '403 - Forbidden' }, 'needs-token'],
    ['a line is no JSON', { body: `${lines(three)}<html>\n` }, 'malformed'],
    ['a line is a list', { body: '[]\n' }, 'malformed'],
    ['a line is null', { body: 'null\n' }, 'malformed'],
    ['a line has no CID', { body: '{"Type":"recursive"}\n' }, 'malformed'],
    ['a CID is a number', { body: '{"Cid":5}\n' }, 'malformed'],
    ['a CID is empty', { body: '{"Cid":"","Type":"recursive"}\n' }, 'malformed'],
    ['a CID is longer than any', { body: lines([pin('Q'.repeat(513), 'recursive')]) }, 'malformed'],
    ['a CID with escapes is', { body: lines([pin('\n'.repeat(513), 'recursive')]) }, 'malformed'],
    ['a line is not UTF-8', { body: Buffer.from('{"Cid":"Qm\xff","Type":"recursive"}\n', 'latin1') }, 'malformed'],
    ['a line is nested without end', { body: `${'['.repeat(1_000_000)}\n`, chunk: 65_536 }, 'malformed'],
    ['a line is longer than any pin', { body: `{"Cid":"${'x'.repeat(10_000_000)}"}\n`, chunk: 65_536 }, 'too-large'],
    ['no program listens any more', { fault: { kind: 'cut', after: 0 } }, 'truncated'],
  ];
  for (const [what, answer, reason] of broken)
    it(`fails as ${reason} where ${what}`, async () => assert.equal(why(await open({ recursive: answer })), reason));

  it('keeps one more character of a name than is shown', async () => {
    const long = 'a'.repeat(10_000);
    const opened = await open({
      recursive: { body: lines([pin('a', 'recursive'), pin('b', 'recursive')]) },
      'recursive named': { body: lines([pin('a', 'recursive', long), pin('b', 'recursive', `\u00e9${long}`)]) },
    });
    assert.deepEqual(
      rowsOf(opened).map((row) => row.map((text) => text?.length)),
      [
        [1, 4097, 9],
        [1, 4097, 9],
      ],
    );
  });

  it('is incomplete past the memory limit of its texts, and lacks names that are past it', async () => {
    const answers = {
      recursive: { body: lines(three) },
      'recursive named': { body: lines(['a', 'b', 'c'].map((cid) => pin(cid, 'recursive', 'x'.repeat(30)))) },
    };
    const opened = await open(answers, false, NEVER, { mostTextBytes: 25 });
    assert.deepEqual(
      [rowsOf(opened).map(([cid]) => cid), why(opened)],
      [
        ['a', 'b'],
        ['too-large', 'too-large'],
      ],
    );
    const nameless = await open(answers, false, NEVER, { mostTextBytes: 100 });
    assert.deepEqual([rowsOf(nameless).length, why(nameless)], [3, [undefined, 'too-large']]);
  });

  it("leaves out names and types that aren't text", async () => {
    const opened = await open({
      recursive: { body: '{"Cid":"a","Type":7}\n{"Cid":"b","Type":["x"]}\n' },
      'recursive named': { body: '{"Cid":"a","Name":{"x":1}}\n{"Cid":"b","Name":true}\n' },
    });
    assert.deepEqual(rowsOf(opened), [
      ['a', null, null],
      ['b', null, null],
    ]);
  });
});

describe('a long list of a Kubo', () => {
  const many = Array.from(
    { length: 100_000 },
    (_, at) => `bafybeibkgm4enpe6luvzztq7f7ljofgmazsbrerui4ecury7o${String(at).padStart(9, '0')}`,
  );
  const body = lines(many.map((cid) => pin(cid, 'recursive')));

  it('is complete, with its names, and can be queried like any other', async () => {
    const named = lines(many.map((cid, at) => pin(cid, 'recursive', at % 10 === 0 ? `name ${at}` : undefined)).reverse());
    const opened = await open({ recursive: { body, chunk: 50_000 }, 'recursive named': { body: named, chunk: 50_000 } });
    if (opened.list instanceof Error) throw opened.list;
    const table = columnarTable(opened.list.columns, 'pins');
    assert.equal(await table.count({}, NEVER), 100_000);
    assert.equal(await table.count({ filter: 'NAME' }, NEVER), 10_000);
    assert.deepEqual(await table.page({ filter: 'name 12340', limit: 1 }, NEVER), [
      { cid: many[12_340], name: 'name 12340', type: 'recursive' },
    ]);
    assert.deepEqual(await table.groups('type', {}, NEVER), [{ key: 'recursive', count: 100_000, sized: 0 }]);
  });

  it('is shown while it comes, each time with more rows', async () => {
    const opened = await open({
      recursive: {
        body: lines(many.slice(0, 100).map((cid) => pin(cid, 'recursive'))),
        fault: { kind: 'drip', everyMs: 30, bytes: 200 },
      },
    });
    assert.ok(opened.shown.length >= 2, opened.shown.join());
    assert.deepEqual(
      opened.shown,
      [...opened.shown].sort((a, b) => a - b),
    );
    assert.ok((opened.shown[0] ?? 0) > 0 && (opened.shown[0] ?? 0) < 100);
  });

  it('is canceled in the middle', async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 100);
    const opened = await open(
      { recursive: { body, fault: { kind: 'drip', everyMs: 20, bytes: 2000 } } },
      false,
      controller.signal,
    );
    assert.equal(why(opened), 'cancelled');
  });
});
