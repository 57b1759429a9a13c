import * as vscode from 'vscode';
import type { ChoiceKind } from '../../base/choices';
import { CHOICES } from '../../base/choices';
import { safe, safeText } from '../../base/safeText';
import { isOfSize } from '../../pin/pinQuery';
import { acceptedItem } from '../../reaper/editor/acceptedItem';
import type { PinLists } from '../list/pinLists';
import { choiceIn, withChoice } from '../list/viewChoices';
import { hasSizes } from '../text/sourceText';

const TITLE: Readonly<Record<ChoiceKind, string>> = {
  sort: 'IPFS Kit: Sort Pins By',
  group: 'IPFS Kit: Group Pins By',
  status: 'IPFS Kit: Filter Pins by Status',
};

/** Asks for one of the choices, of which the current one has a check mark and is active at first, and changes the view. */
export async function pickChoice(lists: PinLists, kind: ChoiceKind): Promise<void> {
  const now = choiceIn(lists.view, kind);
  const bySize = hasSizes(lists.shown()) ? safe`` : safe`sizes unknown`;
  const items = CHOICES[kind].map((choice) => ({
    label: safeText(choice.label),
    description: isOfSize(choice.key) ? bySize : safe``,
    iconPath: new vscode.ThemeIcon(choice === now ? 'check' : 'blank'),
    choice,
  }));
  const pick = vscode.window.createQuickPick<(typeof items)[number]>();
  pick.title = safeText(TITLE[kind]);
  pick.items = items;
  pick.activeItems = items.filter(({ choice }) => choice === now);
  const chosen = await acceptedItem(pick);
  if (chosen) await lists.setView(withChoice(lists.view, kind, chosen.choice));
}
