import * as vscode from 'vscode';
import { IpfsKitError } from '../base/ipfsKitError';
import { safe, safeText } from '../base/safeText';
import { shortCid } from '../pin/cid';
import { possibleName } from '../pin/entryNames';
import { parsePasted, pastedFileName } from '../pin/pastedPath';
import type { SourceList } from '../pinTree/list/sourceList';
import { askForCid } from '../vfs/editor/cidBox';
import { withLateProgress } from '../vfs/editor/lateProgress';
import type { ActionParts } from './actionParts';
import { countedOf, eachPin, listAgain, tellOutcome, whatOf } from './eachPin';
import { askEntryName } from './askEntryName';
import { makeFolderIn, pickFolder } from './pickFolder';
import { refuseUntrusted } from './workspaceTrust';

/** Makes a folder: in the chosen folder, beside the chosen file, or in the root folder. */
export async function newFolder(parts: ActionParts): Promise<void> {
  refuseUntrusted("Files can't be changed");
  const [entry] = parts.entries;
  const list = entry?.list ?? (await listWithFolders(parts));
  const made = await makeFolderIn(list, entry ? (entry.isFolder ? entry.path : entry.path.slice(0, -1)) : []);
  if (!made) return;
  const { isHere, end } = parts.focusing();
  const cid = await list.source.entries?.folder(made, AbortSignal.timeout(LOOKS_MS)).catch(() => undefined);
  await listAgain([list], parts.lists);
  if (cid !== undefined && made.length === 1) await parts.select({ cid, name: made[0] ?? '' }, list, isHere);
  end();
  tell(`Made the folder “${safeText(made.join('/'), 120)}” in ${list.source.name}.`, parts);
}

/** Asks for a CID, unless a row with content was clicked, and for a folder and a name, and puts the content there. Several pins keep their names. */
export async function copyIntoFiles(parts: ActionParts): Promise<void> {
  refuseUntrusted("Files can't be changed");
  const list = await listWithFolders(parts);
  if (parts.chosen.length > 1) return copySeveral(list, parts);
  const title = safe`IPFS Kit: Copy into ${safeText(list.source.name)}`;
  const content = parts.unpinned ?? (await askContent(title));
  if (!content) return;
  const { cid } = content;
  const folder = await pickFolder(list, { title, verb: safe`Copy Here` }, parts);
  if (!folder) return;
  const proposed = possibleName(content.name ?? cid, cid);
  const name = await askEntryName(title, safe`Name in “/${safeText(folder.join('/'), 120)}”`, proposed);
  if (name === undefined) return;
  const { isHere, end } = parts.focusing();
  const release = list.model.hold();
  try {
    await withLateProgress(safe`Copying ${shortCid(cid)} into ${safeText(list.source.name)}`, async (_, signal) =>
      list.source.entries?.copyHere(cid, [...folder, name], signal),
    );
    tell(`Copied ${shortCid(cid)} into ${list.source.name} as “${safeText([...folder, name].join('/'), 120)}”.`, parts);
  } catch (error) {
    if (!IpfsKitError.is(error, 'cancelled')) throw error;
  } finally {
    release();
    void listAgain([list], parts.lists)
      .then(() => (folder.length === 0 ? parts.select({ cid, name }, list, isHere) : undefined))
      .finally(end);
  }
}

/** Puts the chosen pins into a folder, each under its name; one without a name is named by its CID. What can't be put there is reported. */
async function copySeveral(list: SourceList, parts: ActionParts): Promise<void> {
  const { chosen, lists, log } = parts;
  const into = safeText(list.source.name);
  const folder = await pickFolder(
    list,
    { title: safe`IPFS Kit: Copy ${whatOf(chosen)} into ${into}`, verb: safe`Copy Here` },
    parts,
  );
  if (!folder) return;
  const outcome = await eachPin(
    safe`Copying ${whatOf(chosen)} into ${into}`,
    chosen,
    async ({ pin: { cid, name } }, { signal }) => {
      await list.source.entries?.copyHere(cid, [...folder, possibleName(name ?? cid, cid)], signal);
      return undefined;
    },
  );
  void listAgain([list], lists);
  const where = safe`“/${safeText(folder.join('/'), 120)}” in ${into}`;
  await tellOutcome(outcome.done.length === 0 ? '' : `Copied ${countedOf(outcome, chosen)} to ${where}.`, outcome, log);
}

/** How long a new folder is looked for (ms). */
const LOOKS_MS = 10_000;

async function askContent(
  title: ReturnType<typeof safe>,
): Promise<{ readonly cid: string; readonly name: string | undefined } | undefined> {
  const text = await askForCid({
    title,
    prompt: safe`CID or link to copy`,
    whyNot: ({ path }) => (path.length > 0 ? safe`Only a CID can be copied. Open the path, and copy its row.` : undefined),
  });
  return text === undefined ? undefined : { cid: parsePasted(text).cid, name: pastedFileName(text) };
}

/** The list whose entries can be changed, also while it is hidden because it is empty. */
async function listWithFolders({ lists, chosenList }: ActionParts): Promise<SourceList> {
  if (chosenList?.source.entries) return chosenList;
  const expected = await lists.sources();
  const list = lists.all().find(({ source }) => source.entries && expected.includes(source));
  if (list) return list;
  throw new IpfsKitError(
    'missing',
    "Kubo's Files weren't found. Start Kubo, or add “files” to ipfsKit.sources, then list the pins.",
  );
}

function tell(what: string, { log }: ActionParts): void {
  log.info(what);
  void vscode.window.showInformationMessage(safeText(what, 600));
}
