import * as vscode from 'vscode';
import type { ChoiceKind } from '../../base/choices';
import { CHOICES } from '../../base/choices';
import type { SafeText } from '../../base/safeText';
import { safe, safeText } from '../../base/safeText';
import { acceptedItem } from '../../reaper/editor/acceptedItem';
import type { KnownFact } from '../list/knownFacts';
import { factOf, knownFacts } from '../list/knownFacts';
import type { ChoosingParts } from '../list/viewChoices';
import { choiceIn, choose } from '../list/viewChoices';

const TITLE: Readonly<Record<ChoiceKind, string>> = {
  sort: 'IPFS Kit: Sort Pins By',
  group: 'IPFS Kit: Group Pins By',
  status: 'IPFS Kit: Filter Pins by Status',
};

const WORDS: Readonly<Record<KnownFact, string>> = {
  date: 'dates',
  size: 'sizes',
  folder: 'folders',
  type: 'types',
  status: 'statuses',
  tier: 'tiers',
  backend: 'backends',
  copies: 'copies',
};

/** Asks for one of the choices, of which the current one has a check mark and is active at first, and changes the view. */
export async function pickChoice(parts: ChoosingParts, kind: ChoiceKind): Promise<void> {
  const { lists } = parts;
  const now = choiceIn(lists.view, kind);
  const known = knownFacts(lists.shown());
  const unknown = (fact: KnownFact | undefined): SafeText =>
    fact === undefined || known.includes(fact) ? safe`` : safe`${WORDS[fact]} unknown`;
  const items = CHOICES[kind].map((choice) => ({
    label: safeText(choice.label),
    description: unknown(factOf(choice.key)),
    iconPath: new vscode.ThemeIcon(choice === now ? 'check' : 'blank'),
    choice,
  }));
  const pick = vscode.window.createQuickPick<(typeof items)[number]>();
  pick.title = safeText(TITLE[kind]);
  pick.items = items;
  pick.activeItems = items.filter(({ choice }) => choice === now);
  const chosen = await acceptedItem(pick);
  if (chosen) await choose(parts, kind, chosen.choice);
}
