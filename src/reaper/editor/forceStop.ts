import * as vscode from 'vscode';
import { safe } from '../../base/safeText';
import type { StopProgress } from '../stopContract';

/** A Kubo that exits sooner needs no notification (ms). */
const OFFER_AFTER_MS = 5000;
/** A notification that the person has closed is shown again after this time (ms). */
const OFFER_AGAIN_MS = 30_000;

interface ForceOffer {
  /** Offers to force a Kubo to stop while that Kubo is being waited for. At most one offer is shown at a time. */
  report(event: StopProgress): void;
  /** Ends the offer. A button that is pressed later does nothing. */
  end(): void;
}

/**
 * Offers *Force Stop* for a Kubo that is still working, in two steps: the second says what is at risk. A notification can't be closed from here, so an outdated
 * one does nothing.
 */
export function offerForce(onForce: () => void): ForceOffer {
  const over = new AbortController();
  const isOver = (): boolean => over.signal.aborted;
  let isOffered = false;

  const offer = async (pid: number): Promise<void> => {
    const more = 'Force Stop…';
    const message = safe`Kubo (PID ${pid}) is still shutting down. IPFS Kit waits until it has finished.`;
    if ((await vscode.window.showWarningMessage(message, more)) !== more || isOver()) return;
    const force = 'Force Stop';
    const detail = safe`This kills PID ${pid} immediately, even while it is writing. Unwritten data is lost, and the repository can be damaged: blocks, pins, or all of it.`;
    if ((await vscode.window.showWarningMessage('Force stop Kubo?', { modal: true, detail }, force)) !== force || isOver())
      return;
    over.abort();
    onForce();
  };

  return {
    report: ({ waitedMs = 0, pid }) => {
      if (isOver() || isOffered || waitedMs < OFFER_AFTER_MS || pid === undefined) return;
      isOffered = true;
      void offer(pid).finally(() => setTimeout(() => (isOffered = false), OFFER_AGAIN_MS).unref());
    },
    end: () => over.abort(),
  };
}
