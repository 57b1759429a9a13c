import type { Log } from '../base/log';
import type { PinWorkerHandle } from '../pinWorker/pinWorkerHandle';
import type { ChosenEntry, ChosenPin } from '../pinTree/chosenRows';
import type { ListHistory } from '../pinTree/list/listHistory';
import type { PinLists } from '../pinTree/list/pinLists';
import type { SourceList } from '../pinTree/list/sourceList';
import type { PinView } from '../pinTree/pinView';

export interface ActionParts {
  readonly log: Log;
  readonly lists: PinLists;
  /** Learns what is removed and pinned here. */
  readonly history: Pick<ListHistory, 'removed' | 'restored'>;
  readonly worker: PinWorkerHandle;
  /** The list that a command acts on; undefined where it could be one of several. */
  readonly chosenList: SourceList | undefined;
  /** The clicked or selected pins. */
  readonly chosen: readonly ChosenPin[];
  /** The clicked or selected entries of a source with folders; those of pins are in `chosen`, too. */
  readonly entries: readonly ChosenEntry[];
  readonly listFolder: PinView['listFolder'];
  /** The content of the clicked row, which may not be pinned yet. */
  readonly unpinned: { readonly cid: string; readonly name: string | undefined } | undefined;
  /** Selects the row beside the chosen ones, which are about to go. */
  readonly selectBeside: ReturnType<PinView['beside']>;
  /** To be called before a list is read again in which the chosen rows may have moved; its result after that. */
  readonly besideMoved: ReturnType<PinView['besideMoved']>;
  readonly select: PinView['select'];
  /** To be called when an act begins after which a row is selected. */
  readonly focusing: PinView['focusing'];
  /** The row that the command was given, if any. */
  readonly clicked: unknown;
}
