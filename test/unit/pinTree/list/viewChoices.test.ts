import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CHOICE_KINDS, CHOICES } from '../../../../src/base/choices';
import type { ListView } from '../../../../src/pinTree/list/listView';
import { changedView } from '../../../../src/pinTree/list/listView';
import { choiceIn, withChoice } from '../../../../src/pinTree/list/viewChoices';

describe('the choices of order, groups and status', () => {
  const views: readonly ListView[] = [{}, { filter: 'notes', sort: '-time', group: 'month' }, { filter: 'a status:queued b' }];

  it('are what the view then has, and leave everything else in it alone', () => {
    for (const view of views)
      for (const kind of CHOICE_KINDS)
        for (const choice of CHOICES[kind].filter(({ id }) => id !== 'stored')) {
          const next = withChoice(view, kind, choice);
          assert.equal(choiceIn(next, kind), choice, choice.id);
          for (const other of CHOICE_KINDS)
            if (other !== kind) assert.equal(choiceIn(next, other), choiceIn(view, other), choice.id);
        }
  });

  it('of a status take the place of another one in the filter, beside its text', () => {
    const [any, , failed] = CHOICES.status;
    assert.deepEqual(withChoice({ filter: 'a status:queued b' }, 'status', failed), { filter: 'a b status:failed' });
    assert.deepEqual(withChoice({ filter: 'status:failed' }, 'status', any), {});
  });

  it('have none for a status that only the filter can name', () =>
    assert.equal(choiceIn(changedView({}, { filter: 'status:pin_error' }), 'status'), undefined));
});
