import type { CommandParts } from './askedContent';
import type { ContentTarget } from './contentTarget';
import type { Opening } from './openContent';
import { KEPT, openContent, PREVIEW } from './openContent';

/** The longest time in ms between the clicks of a double click: the default of Windows. */
const DOUBLE_CLICK_MS = 500;

interface Click {
  readonly key: string;
  readonly atMs: number;
  opening: Opening;
  isDone: boolean;
}

let last: Click | undefined;

/** Previews what is clicked, with the focus left in the tree. VS Code runs the command for both clicks of a double click: the second one keeps the editor open. */
export async function openClicked(parts: CommandParts, target: ContentTarget): Promise<void> {
  const [key, atMs] = [JSON.stringify(target.at), performance.now()];
  const before = last?.key === key && atMs - last.atMs < DOUBLE_CLICK_MS ? last : undefined;
  if (before && !before.isDone) return void (before.opening = KEPT);
  const click: Click = { key, atMs, opening: before ? KEPT : PREVIEW, isDone: false };
  last = click;
  let opened: Opening | undefined;
  try {
    await openContent(parts, target, () => (opened = click.opening));
    // The second click came while the editor was opening.
    if (opened !== undefined && opened !== click.opening) await openContent(parts, target);
  } finally {
    click.isDone = true;
  }
}
