import type * as vscode from 'vscode';
import type { Log } from './base/log';
import type { Settings } from './base/settingTypes';
import type { DaemonMonitor } from './daemonClient/ipfsKit/monitor';
import type { ListsJoin } from './pinTree/list/listsJoin';
import type { PinLists } from './pinTree/list/pinLists';
import { logListing } from './pinTree/listingLog';
import type { PinView } from './pinTree/pinView';
import { createPinView } from './pinTree/pinView';
import type { Redraw, Row } from './pinTree/rows/row';
import { createStatusBar } from './statusBar';
import type { ContentAccess } from './vfs/editor/contentParts';

export interface DisplayParts {
  readonly log: Log;
  readonly lists: PinLists;
  readonly join: ListsJoin;
  readonly monitor: DaemonMonitor;
  readonly settings: Settings;
  readonly content: ContentAccess;
}

/** Whatever shows the lists: the rows of the view, the status bar item, and lines of the log. The bundle behind registerPinView.ts. */
export function createDisplay(
  tree: vscode.TreeView<Row>,
  redraw: Redraw,
  { log, lists, join, monitor, settings, content }: DisplayParts,
): PinView {
  const view = createPinView(tree, redraw, { lists, join, access: content });
  const statusBar = createStatusBar(lists, monitor, settings);
  logListing(log, monitor, lists);
  return {
    ...view,
    dispose: () => {
      statusBar.dispose();
      view.dispose();
    },
  };
}
