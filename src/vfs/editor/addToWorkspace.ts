import * as vscode from 'vscode';
import { IpfsKitError } from '../../base/ipfsKitError';
import type { SafeText } from '../../base/safeText';
import { joined, safe, safeText } from '../../base/safeText';
import { isObeyedName } from '../obeyedNames';
import { isPlainName } from '../plainNames';
import type { CommandParts } from './askedContent';
import { statOf } from './askedContent';
import type { ContentTarget } from './contentTarget';
import { ipfsUri } from './ipfsUri';

const LONGEST_NAME = 100;
/** The entries of a folder that are checked for what is left out, and the names that a question lists. */
const LOOKED_THROUGH = 500;
const NAMED = 5;

const WHAT_IS_ADDED =
  'VS Code trusts folders on IPFS without asking, regardless of their author. IPFS Kit adds this one read-only and leaves out files that an editor acts on automatically: names that begin with a dot (.vscode, .github), workspace files, and agent instructions. You can read those in the Pins view. Extensions and chat can read everything else in the folder. VS Code reloads the window for the first folder; In View shows the folder at the top of the Pins view instead.';

/** Asks first, since VS Code trusts a folder of this scheme without asking. */
export async function addToWorkspace(parts: CommandParts, target: ContentTarget): Promise<void> {
  const stat = await statOf(parts, target);
  if (stat.type !== 'directory')
    throw new IpfsKitError('not-a-folder', `${safeText(target.name)} isn't a folder. Open it instead.`);
  if (stat.isObeyed)
    throw new IpfsKitError(
      'invalid-argument',
      `${safeText(target.name)} contains configuration, which is never added to a workspace. Expand it in the Pins view.`,
    );
  // A window without folders becomes trusted with the first folder of such a scheme.
  if (!vscode.workspace.isTrusted)
    throw new IpfsKitError(
      'cancelled',
      'Pinned folders can’t be added to an untrusted workspace. Expand the folder in the Pins view, or add it in a window that you trust.',
    );
  const [add, inView] = ['Add to Workspace', 'In View'] as const;
  const question = safe`Add “${safeText(target.name)}” to the workspace?`;
  const detail = joined([WHAT_IS_ADDED, await leftOut(parts, target)], '\n\n');
  const answer = await vscode.window.showWarningMessage(question, { modal: true, detail }, add, inView);
  if (answer === inView) return (await parts.view()).showFolder(target.at, target.name, stat.cid);
  if (answer !== add) return;
  const { workspaceFolders = [] } = vscode.workspace;
  vscode.workspace.updateWorkspaceFolders(workspaceFolders.length, 0, {
    uri: ipfsUri(target.at.path.every(isPlainName) ? target.at : { cid: stat.cid, path: [] }),
    name: safeText(target.name, LONGEST_NAME),
  });
}

/** The names that are left out of the folder itself, as far as one look shows. */
async function leftOut({ thread, target }: CommandParts, { at }: ContentTarget): Promise<SafeText | undefined> {
  const entries = await thread.request('list', { ...target(at), offset: 0, limit: LOOKED_THROUGH }).then(
    (listed) => listed.entries,
    () => [], // The Explorer shows the error.
  );
  const names = entries.map(({ name }) => name).filter(isObeyedName);
  if (names.length === 0) return undefined;
  const more = names.length > NAMED ? safe` and ${names.length - NAMED} more` : '';
  const named = names.slice(0, NAMED).map((name) => safeText(name, LONGEST_NAME));
  return safe`Left out of this folder: ${joined(named, ', ')}${more}.`;
}
