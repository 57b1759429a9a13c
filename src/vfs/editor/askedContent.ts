import * as vscode from 'vscode';
import { fileNameOf } from '../../pin/fileName';
import type { IpfsPath } from '../ipfsPath';
import type { Target, VfsOperations } from '../protocol';
import type { VfsThread } from '../vfsThread';
import type { VfsParts } from './contentParts';
import type { ContentTarget } from './contentTarget';

/** What the commands on content have in common: what they ask the content thread. */
export interface CommandParts extends VfsParts {
  readonly thread: VfsThread;
  readonly target: (at: IpfsPath) => Target;
}

export type Stat = VfsOperations['stat']['result'];

/** Shows the request in the status bar, since it may take a while. */
export async function statOf({ thread, target }: CommandParts, { at }: ContentTarget): Promise<Stat> {
  const location = vscode.ProgressLocation.Window;
  return vscode.window.withProgress({ location, title: 'Reading from IPFS' }, () => thread.request('stat', target(at)));
}

/** The CID of the object itself; for something below a pin, it has to be looked up. */
export async function cidOf(parts: CommandParts, target: ContentTarget): Promise<string> {
  return target.at.path.length === 0 ? target.at.cid : (await statOf(parts, target)).cid;
}

/** The name ending to add for a file that has none, by its first bytes; '' where they don't tell, or can't be read. */
export async function endingFor({ thread, target }: CommandParts, of: ContentTarget, { type, isObeyed }: Stat): Promise<string> {
  const name = of.at.path.at(-1) ?? fileNameOf(of) ?? '';
  if (type !== 'file' || isObeyed || /\.[a-z][\w-]{0,29}$/i.test(name)) return '';
  return (await thread.request('ending', target(of.at)).catch(() => undefined)) ?? '';
}
