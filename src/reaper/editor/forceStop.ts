import * as vscode from 'vscode';
import { safe } from '../../base/safeText';
import type { StopProgress } from '../stopContract';

/** A Kubo that takes no longer than that needs no word (ms). */
const OFFER_AFTER_MS = 5000;
/** Whoever closes the offer gets it again (ms). */
const OFFER_AGAIN_MS = 30_000;

interface ForceOffer {
  /** Offers force where a Kubo is waited for; at most one offer at a time. */
  report(event: StopProgress): void;
  /** What is pressed later does nothing. */
  end(): void;
}

/** *Force Stop* for a Kubo that is still at work: in two steps, the second of which says what is at risk. A notification can't be taken back. */
export function offerForce(onForce: () => void): ForceOffer {
  const over = new AbortController();
  const isOver = (): boolean => over.signal.aborted;
  let isOffered = false;

  const offer = async (pid: number): Promise<void> => {
    const more = 'Force Stop…';
    const told = safe`Kubo (PID ${pid}) is still shutting down. IPFS Kit waits until it has finished.`;
    if ((await vscode.window.showWarningMessage(told, more)) !== more || isOver()) return;
    const force = 'Force Stop';
    const detail = safe`PID ${pid} is killed at once, even while it is writing. What it hasn't written yet is lost, and its repository can be damaged: blocks, pins, or all of it.`;
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
