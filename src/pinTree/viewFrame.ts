import * as vscode from 'vscode';
import { CHOICE_KINDS } from '../base/choices';
import { CONTEXT, VIEW } from '../base/contributions';
import { counted } from '../base/counted';
import type { Disposable } from '../base/disposable';
import { knownFacts } from './list/knownFacts';
import { isArranged } from './list/listView';
import type { ListsJoin } from './list/listsJoin';
import type { PinLists } from './list/pinLists';
import { showsSample } from './list/pinLists';
import { choiceIn } from './list/viewChoices';
import type { Row } from './rows/row';
import { doubtsText } from './text/copiesText';
import { contextOf, emptyMessage, hasRows } from './text/emptyText';
import { sumOfKnown } from './text/pinCount';
import { provenance, viewMessage } from './text/provenanceText';
import { sourceContext, sourcesMessage, sourcesViewMessage } from './text/sourceText';

/** What the view shows around its rows: description, message, badge and progress bar, and the context keys for its welcome texts and menus. */
export interface ViewFrame extends Disposable {
  readonly update: () => void;
}

/** `hasOtherRows`: whether the view has rows that don't belong to a list. */
export function createViewFrame(
  view: vscode.TreeView<Row>,
  lists: PinLists,
  join: Pick<ListsJoin, 'doubts'>,
  hasOtherRows: () => boolean,
): ViewFrame {
  const contexts = new Map<string, unknown>();
  let progress: (() => void) | undefined;

  const setContext = (key: string, value: unknown): void => {
    if (contexts.get(key) === value) return;
    contexts.set(key, value);
    void vscode.commands.executeCommand('setContext', key, value);
  };

  const setContexts = (shown: ReturnType<PinLists['shown']>, isBusy: boolean): void => {
    setContext(CONTEXT.view, shown.length > 1 ? 'listed' : contextOf(shown[0]));
    // A source that is hidden because nothing is in it can still be given something.
    const hidden = lists.all().filter((list) => list.model.state.listing && !shown.includes(list));
    const words = [...shown, ...hidden].map(({ source, model }) => sourceContext(source, model.state.error, model.state.listing));
    setContext(CONTEXT.sources, words.join(' '));
    setContext(CONTEXT.filtered, lists.view.filter !== undefined);
    for (const kind of CHOICE_KINDS) setContext(CONTEXT[kind], choiceIn(lists.view, kind)?.id);
    setContext(CONTEXT.facts, knownFacts(shown).join(' '));
    setContext(CONTEXT.arranged, isArranged(lists.view));
    setContext(CONTEXT.listing, isBusy);
    setContext(CONTEXT.sample, showsSample(lists));
  };

  const showBadge = (failed: number): void => {
    if ((view.badge?.value ?? 0) !== failed)
      view.badge = failed === 0 ? undefined : { value: failed, tooltip: counted(failed, 'failed pin') };
  };

  const showProgress = (isBusy: boolean): void => {
    if (!isBusy) {
      progress?.();
      progress = undefined;
    } else if (!progress) {
      const done = new Promise<void>((resolve) => (progress = resolve));
      void vscode.window.withProgress({ location: { viewId: VIEW.pins } }, () => done);
    }
  };

  return {
    update: () => {
      const shown = lists.shown();
      const {
        source,
        model: { state },
      } = shown[0];
      const isBusy = shown.some((each) => each.model.state.busy);
      const doubts = doubtsText(join.doubts(lists.view));
      setContexts(shown, isBusy);
      if (shown.length > 1) {
        view.description = sourcesMessage(shown);
        view.message = sourcesViewMessage(shown, doubts);
      } else {
        view.description = state.error ? '' : provenance(state, Date.now());
        // Over an empty tree, a message would take the place of the welcome text; below folders that were opened, there is none.
        view.message = hasRows(state)
          ? viewMessage(state, Date.now(), source, doubts)
          : hasOtherRows()
            ? emptyMessage(shown[0])
            : '';
      }
      const states = shown.map(({ model }) => model.state);
      showBadge(sumOfKnown(states, ({ failed }) => failed) ?? 0);
      showProgress(isBusy);
    },
    dispose: () => showProgress(false),
  };
}
