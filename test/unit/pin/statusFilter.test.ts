import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { filterTerms, fitsStatus, hasStatusTerm, withStatusTerm } from '../../../src/pin/statusFilter';

describe('a filter by status', () => {
  const cases: [filter: string, text: string, wanted: string[], unwanted: string[]][] = [
    ['photo', 'photo', [], []],
    ['status:failed', '', ['failed'], []],
    ['-STATUS:Pinned', '', [], ['pinned']],
    ['my photo status:failed of June', 'my photo of june', ['failed'], []],
    ['status:a status:b -status:c', '', ['a', 'b'], ['c']],
    [' two  blanks ', ' two  blanks ', [], []],
    ['status: -status:', '', [], []],
    ['mystatus:x x-status:y', 'mystatus:x x-status:y', [], []],
    ['', '', [], []],
  ];
  for (const [filter, text, wanted, unwanted] of cases)
    it(`is found in ${JSON.stringify(filter)}`, () => assert.deepEqual(filterTerms(filter), { text, wanted, unwanted }));

  it('is found without parsing the filter', () =>
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('status:', 'Status:', '-', ' ', '\t', 'x', ':', 'é')).map((parts) => parts.join('')),
        (filter) => {
          const { wanted, unwanted } = filterTerms(filter);
          assert.equal(hasStatusTerm(filter), wanted.length + unwanted.length > 0);
          assert.equal(hasStatusTerm(withStatusTerm(filter)), false);
          assert.equal(withStatusTerm(withStatusTerm(filter, 'status:a'), '-status:b'), withStatusTerm(filter, '-status:b'));
        },
      ),
    ));

  it('is fitted by beginnings in either case, and never by a pin without a status', () => {
    const fits = (status: string | undefined, filter: string): boolean => fitsStatus(status, filterTerms(filter));
    assert.equal(fits('Pinned', 'status:pin'), true);
    assert.equal(fits('unpinned', 'status:pin'), false);
    assert.equal(fits('queued', '-status:pinned'), true);
    assert.equal(fits(undefined, '-status:pinned'), false);
    assert.equal(fits('pinned', 'status:pin -status:pinned'), false);
  });
});
