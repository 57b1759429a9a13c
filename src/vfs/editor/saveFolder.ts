import { existsSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';
import { counted } from '../../base/counted';
import { abbreviateHome } from '../../base/homePath';
import { IpfsKitError } from '../../base/ipfsKitError';
import type { SafeText } from '../../base/safeText';
import { joined, safe, safeText } from '../../base/safeText';
import { sizeText } from '../../base/sizeAndAge';
import { withCommas } from '../../base/withCommas';
import { fileNameOf } from '../../pin/fileName';
import { diskName } from '../diskName';
import type { VfsSign } from '../protocol';
import type { FolderToSave, SavePlan, SaveReport } from '../savedFolder';
import type { CommandParts } from './askedContent';
import type { ContentTarget } from './contentTarget';
import { withLateProgress } from './lateProgress';
import { localFolder, onlyLocal } from './localFolder';
import { planText, savedFolderText } from './savedText';
import { tellSaved } from './tellSaved';

/** The longest wait for the report of a canceled save (ms). */
const REPORT_MS = 5000;
const LONGEST_NAME = 100;

/** Saves a folder with everything below it, into a new folder of its name in the one that the person chooses. Asks with the numbers before it writes. */
export async function saveFolder(parts: CommandParts, target: ContentTarget): Promise<void> {
  const name = diskName((fileNameOf(target) ?? target.at.cid).slice(0, LONGEST_NAME), process.platform);
  const title = safe`Reading ${safeText(name)}`;
  const plan = await cancelable(title, ({ files = 0 }) => safe`${counted(files, 'file')}`, (options) =>
    parts.thread.request('planFolder', { ...parts.target(target.at), name }, options),
  ); // prettier-ignore
  if (!plan) return;
  const withObeyed = await askAboutObeyed(name, plan);
  if (withObeyed === undefined) return;
  const to = await askWhere(name, planText(plan, withObeyed), withObeyed);
  if (!to) return;
  const files = plan.plain.files + (withObeyed ? plan.obeyed.files : 0);
  const soFar = (sign: VfsSign): SafeText =>
    safe`${withCommas(sign.files ?? 0)} of ${counted(files, 'file')}, ${sizeText(sign.bytes)}`;
  let onLate: (report: unknown) => void = () => undefined;
  const late = new Promise<SaveReport>((resolve) => (onLate = (report) => resolve(report as SaveReport)));
  const whole = await cancelable(safe`Saving ${safeText(name)}`, soFar, (options) =>
    parts.thread.request('saveFolder', { ...parts.target(target.at), to }, { ...options, onLate }),
  );
  const report = whole ?? (await Promise.race([late, sleep(REPORT_MS, undefined)]));
  if (!report) return;
  for (const failure of report.failures) parts.log.warn(`Not saved: ${failure}`);
  void tellSaved(parts.log, { ...savedFolderText(name, report), uri: vscode.Uri.file(to.folder), isFolder: true });
}

interface RequestOptions {
  readonly signal: AbortSignal;
  readonly onSign: (sign: VfsSign) => void;
}

/** Shows the progress of a request that takes long; undefined where the person cancels it. */
async function cancelable<Result>(
  title: SafeText,
  textOf: (sign: VfsSign) => SafeText,
  ask: (options: RequestOptions) => Promise<Result>,
): Promise<Result | undefined> {
  return withLateProgress(title, async (report, signal) => {
    try {
      return await ask({ signal, onSign: (sign) => report(textOf(sign)) });
    } catch (error) {
      if (signal.aborted && IpfsKitError.is(error, 'cancelled')) return undefined;
      throw error;
    }
  });
}

/** Whether files that an editor acts on are saved, too; undefined where the person leaves the question. */
async function askAboutObeyed(name: string, { plain, obeyed }: SavePlan): Promise<boolean | undefined> {
  if (obeyed.files + obeyed.folders === 0) return false;
  const [all, leaveOut] = ['Save All', 'Leave Out'] as const;
  const answers = plain.files > 0 ? [leaveOut, all] : [all];
  const named = joined(obeyed.named.map((each) => safeText(each)), ', '); // prettier-ignore
  const question = safe`${safeText(name)} contains ${counted(obeyed.files, 'file')} that editors and agents act on. Save them too?`;
  const detail = safe`${named}${obeyed.named.length < obeyed.files ? ' …' : ''}\nThey apply as soon as the saved folder is opened as a workspace that you trust.`;
  const answer = await vscode.window.showWarningMessage(question, { modal: true, detail }, ...answers);
  return answer === undefined ? undefined : answer === all;
}

async function askWhere(name: string, plan: SafeText, withObeyed: boolean): Promise<FolderToSave | undefined> {
  const [chosen] =
    (await vscode.window.showOpenDialog({
      title: safe`Save ${safeText(name)} in…`,
      openLabel: 'Save Here',
      canSelectFiles: false,
      canSelectFolders: true,
      defaultUri: localFolder(),
    })) ?? [];
  if (!chosen) return undefined;
  const folder = path.join(onlyLocal(chosen).fsPath, name);
  const [save, keep, replace] = ['Save', 'Keep Existing Files', 'Replace Existing Files'] as const;
  const isThere = existsSync(folder);
  const where = safeText(abbreviateHome(folder), 500);
  const question = isThere ? safe`${where} exists already. Save into it?` : safe`Save ${safeText(name)} as ${where}?`;
  const answers = isThere ? ([keep, replace] as const) : ([save] as const);
  const answer = await vscode.window.showWarningMessage(question, { modal: true, detail: plan }, ...answers);
  return answer === undefined ? undefined : { folder, withObeyed, isReplacing: answer === replace };
}
