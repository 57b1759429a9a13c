import * as vscode from 'vscode';
import { isUp } from '../../daemonClient/ipfsKit/daemonState';
import { shownDaemonUrl } from '../../daemonClient/daemonUrl';
import type { DaemonMonitor } from '../../daemonClient/ipfsKit/monitor';
import { IpfsKitError } from '../../base/ipfsKitError';
import { safe, safeText } from '../../base/safeText';
import type { DaemonSettings } from '../daemonSettings';
import type { DaemonControl } from '../daemonControl';
import { createOutputTail } from '../outputTail';
import { commandText } from '../processText';
import type { StartedDaemon } from '../startDaemon';
import type { Log } from '../../base/log';

interface Parts {
  readonly log: Log;
  readonly monitor: DaemonMonitor;
  readonly control: DaemonControl;
  readonly settings: DaemonSettings;
  readonly logFile: string;
}

interface StartDialog {
  /** Starts the daemon, and follows it until it is up or has failed. Rejects with the cause of the failure. */
  start(): Promise<void>;
  dispose(): void;
}

/** How long a starting daemon may take to respond (ms). In July, a daemon took 28 s to initialize before it listened. */
const START_MS = 60_000;
const ASK_EVERY_MS = 500;
const TAIL_EVERY_MS = 500;

/** Shows a start to the person: progress, the daemon's output in the log, and the outcome. */
export function createStartDialog({ log, monitor, control, settings, logFile }: Parts): StartDialog {
  const tail = createOutputTail(logFile);
  let tailing: NodeJS.Timeout | undefined;
  let starting = false;

  const readOutput = (): void => {
    for (const line of tail.read()) log.info(`[daemon] ${line}`);
  };

  const tailUntil = (ended: Promise<unknown>): void => {
    clearInterval(tailing);
    tail.restart();
    const timer = setInterval(readOutput, TAIL_EVERY_MS);
    tailing = timer;
    void ended.then(() => {
      readOutput();
      // A launcher leaves a daemon behind that keeps writing to the log file. A daemon that has exited writes nothing more.
      setTimeout(() => tailing === timer && !isUp(monitor.current().state) && clearInterval(timer), START_MS).unref();
    });
  };

  const warnIfOpenToOthers = async (): Promise<void> => {
    const { processes } = await control.processes();
    const open = processes.flatMap(({ listening }) => listening ?? []).find(({ address }) => !/^127\.|^::1$/.test(address));
    if (open)
      void vscode.window.showWarningMessage(
        safe`The daemon listens at ${open.address}:${open.port}, where other machines can reach it without a password. Add --host 127.0.0.1 to ipfsKit.daemon.command.`,
      );
  };

  const failure = (how: string): IpfsKitError => {
    const last = tail
      .last()
      .slice(-3)
      .map((line) => safeText(line, 300));
    return new IpfsKitError('refused', `The daemon exited with ${how} before it responded. ${last.join(' ⏎ ')}`.trim());
  };

  const silence = (pid: number, ended: string | 0 | undefined): IpfsKitError => {
    const asked = settings.daemonUrls
      .value()
      .map((url) => safeText(shownDaemonUrl(url), 100))
      .join(', ');
    const what =
      ended === 0
        ? `The command exited, but no daemon responds at ${asked}.`
        : `The daemon is running (PID ${pid}), but didn't respond at ${asked} within ${START_MS / 1000} s.`;
    return new IpfsKitError('timeout', `${what} See the log, and ipfsKit.daemon.urls.`);
  };

  const follow = async ({ pid, ended }: StartedDaemon, token: vscode.CancellationToken): Promise<void> => {
    let how: string | 0 | undefined;
    void ended.then((end) => {
      how = end;
      log.info(`Start: PID ${pid} exited (${end === 0 ? 'status 0' : end}).`);
    });
    for (const until = Date.now() + START_MS; Date.now() < until;) {
      if (token.isCancellationRequested) return log.info('Start: no longer watching; the daemon keeps running.');
      // The status route is asked, since /health of ipfs_kit_py is slow and has side effects.
      if (isUp((await monitor.check('poll')).state)) {
        await monitor.check('asked');
        await warnIfOpenToOthers();
        return void vscode.window.showInformationMessage(safe`The ipfs_kit_py daemon is running (PID ${pid}).`);
      }
      if (how !== undefined && how !== 0) {
        readOutput();
        throw failure(how);
      }
      await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS));
    }
    throw silence(pid, how);
  };

  return {
    start: async () => {
      if (starting) throw new IpfsKitError('busy', 'The daemon is already starting.');
      starting = true;
      try {
        const daemon = await control.start();
        log.info(`Start: PID ${daemon.pid}: ${commandText(daemon.command, 500)}`);
        tailUntil(daemon.ended);
        const location = vscode.ProgressLocation.Notification;
        const title = 'Starting the ipfs_kit_py daemon';
        await vscode.window.withProgress({ location, title, cancellable: true }, (_, token) => follow(daemon, token));
      } finally {
        starting = false;
      }
    },
    dispose: () => clearInterval(tailing),
  };
}
