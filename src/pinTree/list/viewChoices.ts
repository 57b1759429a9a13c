import type { Choice, ChoiceKind } from '../../base/choices';
import { CHOICES } from '../../base/choices';
import { withStatusTerm } from '../../pin/filterWords';
import type { ListView } from './listView';
import { toListView } from './listView';
import type { PinLists } from './pinLists';

/** The choice of this kind that the view has; undefined where the filter has another status. */
export function choiceIn(view: ListView, kind: ChoiceKind): Choice | undefined {
  const has = ({ key }: Choice): boolean => {
    if (kind !== 'status') return view[kind] === key;
    return withStatusTerm(view.filter ?? '', key) === (view.filter ?? '');
  };
  return CHOICES[kind].find(has);
}

/** The view with this choice in place of the current one. A status is a term of the filter beside the text in it. */
export function withChoice(view: ListView, kind: ChoiceKind, { key }: Choice): ListView {
  return toListView({ ...view, ...(kind === 'status' ? { filter: withStatusTerm(view.filter ?? '', key) } : { [kind]: key }) });
}

export interface ChoosingParts {
  readonly lists: PinLists;
  readonly toFirstMatch: () => Promise<void>;
}

/** Changes the view to have this choice, and goes to the first match of a status. */
export async function choose({ lists, toFirstMatch }: ChoosingParts, kind: ChoiceKind, choice: Choice): Promise<void> {
  await lists.setView(withChoice(lists.view, kind, choice));
  if (kind === 'status' && choice.key !== undefined) await toFirstMatch();
}
