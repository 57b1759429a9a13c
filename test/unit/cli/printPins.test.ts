import assert from 'node:assert/strict';
import { PassThrough, Writable } from 'node:stream';
import { describe, it } from 'node:test';
import { IpfsKitError } from '../../../src/base/ipfsKitError';
import { createOutput } from '../../../src/cli/output';
import type { Format } from '../../../src/cli/printPins';
import { printPins } from '../../../src/cli/printPins';

const PINS = Array.from({ length: 5 }, (_, at) => ({ cid: `cid-${at}`, name: 'a\nb []' }));

/** Yields the pins in two parts, then throws `failure` if given. */
async function* stretches(failure?: Error, pins: readonly object[] = PINS): AsyncGenerator<readonly object[]> {
  await Promise.resolve();
  yield pins.slice(0, 3);
  yield [];
  yield pins.slice(3);
  if (failure) throw failure;
}

async function printed(format: Format, failure?: Error, pins = stretches(failure)): Promise<[status: number, text: string]> {
  const stdout = new PassThrough();
  const chunks: Buffer[] = [];
  stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  const output = createOutput({ stdout, stderr: new PassThrough() });
  const tail = (): Promise<object> => Promise.resolve({ explain: { ms: 1 } });
  const status = await printPins(output, format, { head: { notes: [], total: 5 }, lists: { pins }, tail });
  return [status, Buffer.concat(chunks).toString()];
}

describe('a list that is printed while it comes in', () => {
  const whole = { notes: [], total: 5, pins: PINS, explain: { ms: 1 } };

  it('reads as if it had been printed in one piece', async () => {
    assert.deepEqual(await printed('json'), [0, `${JSON.stringify(whole)}\n`]);
    assert.deepEqual(await printed('pretty'), [0, `${JSON.stringify(whole, undefined, 2)}\n`]);
    assert.deepEqual(await printed('ndjson'), [0, PINS.map((pin) => `${JSON.stringify(pin)}\n`).join('')]);
    const none = stretches(undefined, []);
    const empty = { ...whole, pins: [] };
    assert.deepEqual(await printed('pretty', undefined, none), [0, `${JSON.stringify(empty, undefined, 2)}\n`]);
  });

  it('may be one of several; those after one that is cut off are empty', async () => {
    const failure = new IpfsKitError('busy', 'Changed.');
    const print = async (format: Format, why?: Error): Promise<string> => {
      const stdout = new PassThrough();
      const lists = { left: stretches(), none: stretches(undefined, []), right: stretches(why), last: stretches() };
      await printPins(createOutput({ stdout, stderr: new PassThrough() }), format, { head: {}, lists });
      return String(stdout.read());
    };
    const all = { left: PINS, none: [], right: PINS, last: PINS };
    assert.equal(await print('json'), `${JSON.stringify(all)}\n`);
    assert.equal(await print('pretty'), `${JSON.stringify(all, undefined, 2)}\n`);
    const error = { reason: 'busy', message: 'Changed.' };
    assert.deepEqual(JSON.parse(await print('pretty', failure)), { ...all, last: [], error });
  });

  it('ends with the error if it is cut off, and is still valid JSON', async () => {
    const error = { reason: 'busy', message: 'Changed.' } as const;
    const failure = new IpfsKitError(error.reason, error.message);
    const { explain, ...before } = whole;
    for (const format of ['json', 'pretty'] as const) {
      const [status, text] = await printed(format, failure);
      assert.deepEqual([status, JSON.parse(text)], [1, { ...before, error, explain }]);
    }
    const [status, text] = await printed('ndjson', failure);
    assert.equal(status, 1);
    assert.deepEqual(JSON.parse(text.trimEnd().split('\n').at(-1) ?? ''), { error, explain });
  });

  it('ends with an error that only looks like an interruption', async () => {
    const [status, text] = await printed('json', new IpfsKitError('cancelled', 'Canceled.'));
    assert.deepEqual(
      [status, (JSON.parse(text) as { error?: object }).error],
      [1, { reason: 'cancelled', message: 'Canceled.' }],
    );
  });

  it('is written in pieces, so that many long texts never are one', async () => {
    const long = { cid: '\u0001'.repeat(50_000) };
    let most = 0;
    let all = 0;
    const stdout = new Writable({
      write: (chunk: Buffer, _, done) => {
        most = Math.max(most, chunk.length);
        all += chunk.length;
        done();
      },
    });
    const pins = stretches(
      undefined,
      Array.from({ length: 100 }, () => long),
    );
    await printPins(createOutput({ stdout, stderr: new PassThrough() }), 'json', { head: {}, lists: { pins } });
    assert.deepEqual([all > 30_000_000, most < 1_500_000], [true, true]);
  });

  it('has nothing that commands a terminal or reorders its text, and the same values', async () => {
    const hostile = ['\u007f', '\u0085', '\u009b31m', '\u061c', '\u200e\u200f', '\u2028\u2029', '\u202egnp', '\u2066\u2069'].join(
      'x',
    );
    for (const format of ['json', 'pretty', 'ndjson'] as const) {
      const stdout = new PassThrough();
      const stderr = new PassThrough();
      const output = createOutput({ stdout, stderr });
      await printPins(output, format, { head: { notes: [hostile] }, lists: { pins: stretches(undefined, [{ cid: hostile }]) } });
      output.note(hostile);
      const [text, note] = [String(stdout.read()), String(stderr.read())];
      assert.doesNotMatch(text + note, /[^\n -~]/);
      const list = { notes: [hostile], pins: [{ cid: hostile }] };
      assert.deepEqual(JSON.parse(text), format === 'ndjson' ? list.pins[0] : list);
      assert.deepEqual(JSON.parse(note), { note: hostile });
    }
  });

  it('reads no more from its source than the reader has taken', async () => {
    let [made, release] = [0, (): void => undefined];
    const endless = async function* (): AsyncGenerator<readonly object[]> {
      for (;;) {
        made++;
        yield await Promise.resolve(PINS);
      }
    };
    let taken = 0;
    const slow = new Writable({
      write: (_, __, done) => {
        taken++;
        release = done;
      },
    });
    const output = createOutput({ stdout: slow, stderr: new PassThrough() });
    void printPins(output, 'ndjson', { head: {}, lists: { pins: endless() } });
    for (let round = 1; round <= 20; round++) {
      await new Promise((resolve) => setTimeout(resolve, 2));
      assert.deepEqual([made, taken], [round, round]);
      release();
    }
  });
});
