import * as vscode from 'vscode';
import { COMMAND } from '../base/contributions';
import { IpfsKitError } from '../base/ipfsKitError';
import { openSettings } from '../pinTree/dialogs/openSettings';
import type { PinLists } from '../pinTree/list/pinLists';
import { safeText } from '../base/safeText';
import type { Settings } from '../base/settingTypes';
import type { PinSource, SourceAnswer } from '../pinSource/pinSource';
import { chooseKuboProgram, kuboProgram } from './kuboProgram';
import type { Ending, KuboTerminal } from './kuboTerminal';
import { openKuboTerminal } from './kuboTerminal';
import { refuseUntrusted } from './workspaceTrust';
import type { Log } from '../base/log';

export interface StartKuboParts {
  readonly log: Log;
  readonly lists: PinLists;
  readonly settings: Settings;
  /** Gives the list the focus once it has rows. */
  readonly toList: () => Promise<void>;
}

const WAIT_MS = 30_000;
const LOOK_EVERY_MS = 500;

/** The terminal of the Kubo that was started last, until it has responded. */
let awaited: KuboTerminal | undefined;
let isStarting = false;

/** Starts Kubo in a terminal, where the user sees and can end it, and lists its pins once it responds. If Kubo is starting already, its terminal is shown. */
export async function startKubo(parts: StartKuboParts): Promise<void> {
  refuseUntrusted("Kubo can't be started");
  if (isStarting) return awaited?.show();
  isStarting = true;
  try {
    await start(parts);
  } finally {
    isStarting = false;
  }
}

async function start({ log, lists, settings, toList }: StartKuboParts): Promise<void> {
  const source = lists.shown().find((list) => list.source.capabilities.start === 'startKubo')?.source;
  const before = await source?.probe();
  if (before?.state === 'up') {
    await forgetAwaited();
    await lists.list();
    return void vscode.window.showInformationMessage('Kubo is already running.');
  }
  if (awaited && !(await awaited.ending())) awaited.show();
  else {
    const [program, ...args] = settings.sources.value().kuboCommand;
    const isLacking = (what: string): void =>
      void offerProgram(`${what} Open IPFS Desktop, or choose Kubo's program.`, settings).catch((error: unknown) =>
        log.offer(IpfsKitError.from(error).message),
      );
    if (program === undefined) return isLacking('ipfsKit.kubo.command is empty.');
    const file = await kuboProgram(program);
    const where = /[/\\]/.test(program) ? '' : " in VS Code's PATH";
    if (file === undefined) return isLacking(`${program} wasn't found${where} or isn't executable.`);
    await awaited?.close();
    awaited = await openKuboTerminal(file, args, settings.content.value().repository);
  }
  const terminal = awaited;
  const ending = await untilAnswered(terminal, source, before);
  if (ending && !ending.isWanted) {
    const text = endText(ending, terminal);
    log.warn(`Start Kubo: ${text}`);
    return void offer(text, terminal);
  }
  void toList();
  await lists.list();
}

/**
 * Waits until Kubo responds, even with an error, and resolves with undefined; or until it ends, and resolves with how. Also undefined after WAIT_MS and when
 * the user cancels.
 */
async function untilAnswered(
  terminal: KuboTerminal,
  source: PinSource | undefined,
  before: SourceAnswer | undefined,
): Promise<Ending | undefined> {
  return vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title: 'Waiting for Kubo to respond', cancellable: true },
    async (_, token) => {
      for (const end = Date.now() + WAIT_MS; Date.now() < end && !token.isCancellationRequested;) {
        const ending = await terminal.ending();
        if (ending) return ending;
        const answer = await source?.probe();
        if (answer && isNew(answer, before)) {
          await forgetAwaited();
          return undefined;
        }
        await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
      }
      return undefined;
    },
  );
}

/**
 * Whether the response may be that of the new Kubo. Another server may use the address that an earlier Kubo left in the repository, and goes on responding
 * as before until the new Kubo has written its own address.
 */
function isNew({ state, detail }: SourceAnswer, before: SourceAnswer | undefined): boolean {
  if (state === 'up') return true;
  return (state === 'needs-token' || state === 'foreign') && (state !== before?.state || detail !== before.detail);
}

async function forgetAwaited(): Promise<void> {
  await awaited?.letGo();
  awaited = undefined;
}

function endText({ code }: Ending, { isKept }: KuboTerminal): string {
  const ended = `Kubo exited immediately${code === undefined ? '' : ` (exit code ${code})`}.`;
  return `${ended} ${isKept ? 'See its terminal for the reason.' : 'Run it in a terminal to see why.'}`;
}

/** Starts Kubo once its program is chosen. The caller doesn't wait for it. */
async function offerProgram(message: string, settings: Settings): Promise<void> {
  const [choose, set] = ['Choose Program…', 'Open Setting'] as const;
  const chosen = await vscode.window.showWarningMessage(safeText(message, 500), choose, set);
  if (chosen === set) await openSettings('ipfsKit.kubo.command');
  if (chosen === choose && (await chooseKuboProgram(settings))) await vscode.commands.executeCommand(COMMAND.startKubo);
}

/** Shows a warning with buttons. The caller doesn't wait for it. */
async function offer(message: string, terminal: KuboTerminal): Promise<void> {
  const [show, set] = ['Show Terminal', 'Open Setting'] as const;
  const chosen = await vscode.window.showWarningMessage(
    safeText(message, 500),
    ...(terminal.isKept ? ([show] as const) : []),
    set,
  );
  if (chosen === show) terminal.show();
  if (chosen === set) await openSettings('ipfsKit.kubo.command');
}
