import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { HostRun } from '../../support/hostProcess';
import { inHostProcess } from '../../support/hostProcess';
import type { OpenRequest } from '../../../src/pinWorker/openers';
import type { ListedInHost } from '../../support/listInHost';
import type { RepeatedBody } from '../../support/repeatingServer';
import { repeatingServer } from '../../support/repeatingServer';
import { isLong } from '../../support/rounds';

/** The most bytes of a list, in a long run. */
const LARGEST = isLong ? 2 ** 28 : 2 ** 26;
/** Resident memory in MB for the body, its columns, a thread and Node.js. JSON.parse needs as much for the smallest of these bodies. */
const MOST_MB = 1536;

const list = (unit: string, digits?: number, first = '{"cid":"Qm"}'): RepeatedBody => ({
  head: `[${first}`,
  unit: `,${unit}`,
  tail: ']',
  bytes: LARGEST,
  ...(digits !== undefined && { digits }),
});

/** Bodies, each with the number of its pins or the reason of the error. */
const BODIES: Readonly<Record<string, { readonly body: RepeatedBody; readonly becomes: string | number }>> = {
  'of lists': { body: list('[]', undefined, '[]'), becomes: 'malformed' },
  'of rows without anything': { body: list('{}'), becomes: 'too-large' },
  'of a single row of lists': { body: { ...list('[]', undefined, '{"cid":"Qm","x":[[]'), tail: ']}]' }, becomes: 'too-large' },
  'of rows of lists': { body: list(`{"cid":"Qm","x":[${'[],'.repeat(100_000)}0]}`), becomes: isLong ? 895 : 224 },
  'of as many pins as there may be, each with another name': {
    body: list('{"cid":"Qm#"}', 41),
    becomes: isLong ? 4_971_027 : 1_242_757,
  },
  'of keys that never come twice, and escapes': {
    body: list(`{"cid":"\\u0041","k#":"\\n\\n${'\\u00e9'.repeat(20)}"}`, 12),
    becomes: isLong ? 1_677_722 : 419_431,
  },
  'behind a member of lists': {
    body: { head: '{"x":[[]', unit: ',[]', tail: '],"pins":[{"cid":"Qm"}]}', bytes: LARGEST },
    becomes: 1,
  },
};

/** Asserts that the process exited by itself when its work was done, and that its main thread never stopped. */
function hasLived({ exitCode, signal, failure, peakMb, ticks }: HostRun): void {
  assert.deepEqual({ exitCode, signal, failure }, { exitCode: 0, signal: null, failure: undefined });
  assert.ok(peakMb < MOST_MB, `${peakMb} MB`);
  assert.ok(ticks > 10, `${ticks} turns of the main thread`);
}

async function listInHost(argument: OpenRequest): Promise<ListedInHost> {
  const run = await inHostProcess('test/support/listInHost.ts', { argument, timeoutMs: 40_000 });
  hasLived(run);
  const result = run.result as ListedInHost;
  assert.deepEqual(result.ended, [], 'no thread was ended');
  return result;
}

describe(`the extension host survives a JSON list of ${LARGEST / 2 ** 20} MiB`, () => {
  for (const [what, { body, becomes }] of Object.entries(BODIES))
    it(what, async () => {
      const server = await repeatingServer({ '/pins': body });
      try {
        const { pins, reason, asked } = await listInHost({ kind: 'live', query: { baseUrl: server.url } });
        assert.equal(pins ?? reason, becomes);
        assert.ok(
          Object.values(asked ?? {}).every((how) => how === 'answered'),
          JSON.stringify(asked),
        );
      } finally {
        await server.close();
      }
    });

  it('or a page of a pinning service of 32 MiB of lists', async () => {
    const server = await repeatingServer({
      '/pins': { head: '{"count":1,"results":[[]', unit: ',[]', tail: ']}', bytes: 2 ** 25 },
    });
    try {
      const query = { access: { url: server.url }, name: 'a service' };
      assert.equal((await listInHost({ kind: 'pinning-service', query })).reason, 'malformed');
    } finally {
      await server.close();
    }
  });
});
