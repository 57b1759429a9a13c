import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { appendFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { createOutputTail } from '../../../src/reaper/outputTail';
import { testFolder } from '../../support/folder';
import { needs, POSIX } from '../../support/needs';

const file = path.join(testFolder('tail'), 'daemon.log');

describe('the tail of an output', () => {
  it('is empty while there is no file', () => assert.deepEqual(createOutputTail(`${file}.none`).read(), []));

  it('gives each line once, when it is complete', () => {
    const tail = createOutputTail(file);
    writeFileSync(file, 'one\r\ntw');
    assert.deepEqual(tail.read(), ['one']);
    assert.deepEqual(tail.last(), ['one', 'tw']);
    appendFileSync(file, 'o\n\nthree\n');
    assert.deepEqual(tail.read(), ['two', 'three']);
    assert.deepEqual(tail.read(), []);
    assert.deepEqual(tail.last(), ['one', 'two', 'three']);
  });

  it('begins again with a new file', () => {
    const tail = createOutputTail(file);
    writeFileSync(file, 'a long line of the one before\n');
    tail.read();
    writeFileSync(file, 'new\n');
    tail.restart();
    assert.deepEqual(tail.read(), ['new']);
    assert.deepEqual(tail.last(), ['new']);
  });

  it('skips a flood of output, says so, and continues with new output', () => {
    const tail = createOutputTail(file);
    writeFileSync(file, `${'flood\n'.repeat(1_000_000)}last\n`);
    const lines = tail.read();
    assert.match(lines[0] ?? '', /^\(5934469 bytes skipped; the full output is in /);
    assert.equal(lines.at(-1), 'last');
    appendFileSync(file, 'new\n');
    assert.deepEqual(tail.read(), ['new']);
  });

  it('joins a character that is cut between two pieces', () => {
    const tail = createOutputTail(file);
    const euro = Buffer.from('€');
    writeFileSync(file, euro.subarray(0, 2));
    tail.read();
    appendFileSync(file, Buffer.concat([euro.subarray(2), Buffer.from('\n')]));
    assert.deepEqual(tail.read(), ['€']);
  });

  it('waits for no FIFO', needs(POSIX), () => {
    const fifo = `${file}.fifo`;
    assert.equal(spawnSync('mkfifo', [fifo]).status, 0);
    assert.deepEqual(createOutputTail(fifo).read(), []);
  });

  it('takes in a bounded piece at a time, of lines of any length', () => {
    const tail = createOutputTail(file);
    writeFileSync(file, `${'x'.repeat(200_000)}\nend\n`);
    const seen: string[] = [];
    for (let at = 0; at < 5; at++) seen.push(...tail.read());
    assert.ok(seen.every((line) => line.length <= 1000));
    assert.equal(seen.at(-1), 'end');
  });
});
