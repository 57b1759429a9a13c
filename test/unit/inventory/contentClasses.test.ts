import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { contentClasses } from '../../../src/inventory/contentClasses';
import { STANDING } from '../../../src/pin/standing';

describe('the classes of contents', () => {
  it('are no more than allowed, and a source can be taken out of all of them even then', () => {
    const classes = contentClasses(12);
    const made = [classes.plus(0, 31, STANDING.copy)];
    for (let source = 0; classes.count < 12; source++)
      made.push(...made.slice(0, 12 - classes.count).map((of) => classes.plus(of, source, STANDING.copy)));
    assert.equal(classes.count, 12);
    assert.throws(() => classes.plus(0, 30, STANDING.copy), { reason: 'too-large' });
    const without = made.map((of) => classes.minus(of, 31));
    assert.deepEqual(
      without.map((of) => classes.listed(of)),
      made.map((of) => classes.listed(of) & ~(1 << 31)),
    );
    assert.equal(classes.minus(made[0] ?? 0, 31), 0);
  });
});
