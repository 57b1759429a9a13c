import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { filterTerms, fitsStatus, hasStatusTerm, needsStatuses, withStatusTerm } from '../../../src/pin/filterWords';
import { searchTerms } from '../../../src/pin/searchTerms';

const NOW = Date.UTC(2026, 10, 30);
const DAY = 86_400_000;

/** The text of a filter and its terms, written as words again. */
function read(filter: string): readonly string[] {
  const { text, status, join, facts } = filterTerms(filter, NOW);
  const words = [...status, ...join, ...facts].map(
    ({ isUnwanted, ...term }) => `${isUnwanted ? '-' : ''}${JSON.stringify(Object.values(term))}`,
  );
  return [text, ...words.map((word) => word.replaceAll('"', ''))];
}

describe('the words of a filter', () => {
  const cases: readonly (readonly [filter: string, ...read: readonly string[]])[] = [
    ['photo', 'photo'],
    ['status:failed', '', '[status,failed]'],
    ['-STATUS:Pinned', '', '-[status,pinned]'],
    ['my Photo status:failed of June', 'my Photo of June', '[status,failed]'],
    ['status:a status:b -status:c', '', '[status,a]', '[status,b]', '-[status,c]'],
    [' two  blanks ', ' two  blanks '],
    ['mystatus:x x-status:y begin:z', 'mystatus:x x-status:y begin:z'],
    ['', ''],
    ['in:Cluster -in:service:mine', '', '[in,cluster]', '-[in,service:mine]'],
    ['kept:files -KEPT:Files', '', '[in,files]', '-[in,files]'],
    ['copies:1 copies:>=2 -copies:<3', '', '[copies,=,1]', '[copies,>=,2]', '-[copies,<,3]'],
    [
      'replicas:<min -replicas:>=3 replicas:=2 replicas:min',
      '',
      '[replicas,<,min]',
      '-[replicas,>=,3]',
      '[replicas,=,2]',
      '[replicas,=,min]',
    ],
    ['expires:<7d', '', `[expires,<,${NOW + 7 * DAY}]`],
    ['expires:>36h', '', `[expires,>,${NOW + 1.5 * DAY}]`],
    ['expires:<=2w expires:>=1y', '', `[expires,<=,${NOW + 14 * DAY}]`, `[expires,>=,${NOW + 365 * DAY}]`],
    ['-expires:<2027-01-01', '', `-[expires,<,${Date.UTC(2027, 0, 1)}]`],
    ['expires:Never', '', '[expires,=,null]'],
    ['meta.Team=X -meta.team meta.a.b=c=d', '', '[meta,team,x]', '-[meta,team,null]', '[meta,a.b,c=d]'],
    ...['status:', 'in:', '-in:', 'kept:', 'kept:fil', 'copies:', 'copies:>', 'copies:<=', 'replicas:', 'replicas:<m'].map(
      (word) => [word, ''] as const,
    ),
    ...['expires:', 'expires:<', 'expires:<7', 'expires:>=2027-01-', 'expires:nev', '-expires:n', 'meta.', 'meta.team='].map(
      (word) => [word, ''] as const,
    ),
    ...['kept:pins', 'copies:two', 'copies:>1x', 'copies:-1', 'copies:1.5', 'replicas:max'].map((word) => [word, word] as const),
    ...['expires:soon', 'expires:7d', 'expires:<7m', 'expires:<2027-02-31', 'expires:2027-01-01', 'since:1'].map(
      (word) => [word, word] as const,
    ),
  ];
  for (const [filter, ...expected] of cases)
    it(`are found in ${JSON.stringify(filter)}`, () => assert.deepEqual(read(filter), expected));

  it('stand beside a CID, and beside a path with blanks', () => {
    const cid = 'QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPaG8';
    for (const filter of [`in:cluster ${cid} copies:1`, `in:cluster /ipfs/${cid}/a folder/b copies:1`]) {
      const { text, cids, join } = searchTerms(filter);
      assert.deepEqual([text, cids.length, join.length], ['', 1, 2], filter);
    }
  });

  it('of a status are found without parsing the filter', () =>
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('status:', 'Status:', 'in:', '-', ' ', '\t', 'x', ':', 'é')).map((parts) => parts.join('')),
        (filter) => {
          assert.equal(hasStatusTerm(filter), filterTerms(filter).status.length > 0);
          assert.equal(hasStatusTerm(withStatusTerm(filter)), false);
          assert.equal(withStatusTerm(withStatusTerm(filter, 'status:a'), '-status:b'), withStatusTerm(filter, '-status:b'));
        },
      ),
    ));

  it('need the statuses of the pins where they ask for a status or for replicas', () => {
    const needing = ['status:a', '-status:a', 'a replicas:<min', 'replicas:1'];
    assert.deepEqual(
      [...needing, 'a', 'status:', 'replicas:', 'in:a', 'expires:never'].filter((filter) => needsStatuses({ filter })),
      needing,
    );
  });
});

describe('a filter by status', () => {
  it('is fitted by beginnings in either case, and never by a pin without a status', () => {
    const fits = (status: string | undefined, filter: string): boolean => fitsStatus(status, filterTerms(filter).status);
    assert.equal(fits('Pinned', 'status:pin'), true);
    assert.equal(fits('unpinned', 'status:pin'), false);
    assert.equal(fits('queued', '-status:pinned'), true);
    assert.equal(fits(undefined, '-status:pinned'), false);
    assert.equal(fits('pinned', 'status:pin -status:pinned'), false);
  });
});
