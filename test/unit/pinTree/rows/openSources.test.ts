import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { SourceList } from '../../../../src/pinTree/list/sourceList';
import { createOpenSources } from '../../../../src/pinTree/rows/openSources';

/** Only its identity counts, and whether its rows are entries of a folder. */
const listed = (source: object = {}): SourceList => ({ source }) as SourceList;

describe('the sources that are expanded', () => {
  it('are at first the first one alone', () => {
    const [open, one, other] = [createOpenSources(), listed(), listed()];
    assert.deepEqual([open.drawn(one, true), open.drawn(other, false)], [true, false]);
    assert.deepEqual([open.isLate(one), open.isLate(other)], [false, false]);
  });

  it('are those that were in the view alone, once another is added', () => {
    const [open, one, other] = [createOpenSources(), listed(), listed()];
    open.alone(other);
    assert.deepEqual([open.drawn(one, true), open.drawn(other, false)], [false, true]);
    open.forget(other);
    assert.deepEqual([open.drawn(one, true), open.isLate(one)], [true, true]);
  });

  it('are Files too, whichever list comes first, until the user has chosen', () => {
    const [open, kubo, files] = [createOpenSources(), listed(), listed({ entries: {} })];
    open.drawnEmpty(files);
    assert.deepEqual([open.drawn(kubo, true), open.drawn(files, false), open.isLate(files)], [true, true, true]);
    open.changed(files, false);
    assert.deepEqual([open.drawn(kubo, true), open.drawn(files, false)], [true, false]);

    const [before, others, first] = [createOpenSources(), listed(), listed({ entries: {} })];
    before.alone(first);
    assert.deepEqual([before.drawn(others, true), before.drawn(first, false)], [false, true], 'what is in view stays there');
  });

  it('are revealed, once, where another becomes the first only after it was drawn', () => {
    const [open, one, other] = [createOpenSources(), listed(), listed()];
    open.drawn(one, true);
    open.drawn(other, false);
    open.drawnEmpty(one);
    assert.equal(open.drawn(other, true), true);
    assert.deepEqual([open.isLate(other), open.isLate(other)], [true, false]);
  });

  it('are those that the user has chosen, also after a failure', () => {
    const [open, one, other] = [createOpenSources(), listed(), listed()];
    open.drawn(one, true);
    open.drawn(other, false);
    open.changed(other, true);
    open.changed(one, false);
    assert.deepEqual([open.drawn(one, true), open.drawn(other, false)], [false, true]);
    open.drawnEmpty(one);
    open.drawnEmpty(other);
    assert.deepEqual([open.drawn(one, true), open.drawn(other, false)], [false, true]);
    assert.deepEqual([open.isLate(one), open.isLate(other)], [false, true]);
  });
});
