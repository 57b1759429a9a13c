import { byAsker, tryAgain } from '../base/settingOrOption';
import { because, sentences } from '../base/causes';
import type { Reason } from '../base/ipfsKitError';
import { IpfsKitError } from '../base/ipfsKitError';
import { repeatIfEndedByAnother } from '../base/threadHandle';
import type { Probe } from '../daemonClient/ipfsKit/probe';
import type { PassedOver } from '../pinStore/locate';
import type { OpenRequest } from '../pinWorker/openers';
import type { PinWorkerHandle } from '../pinWorker/pinWorkerHandle';
import type { OpenedTable } from '../pinWorker/protocol';
import { withNextStep, withoutQuery } from './nextStep';

/** `live`: from a daemon; `snapshot`: from disk; `kept`: the saved last list of a daemon; `sample`: the bundled example. */
export type Freshness = 'live' | 'snapshot' | 'kept' | 'sample';

/** A table that is open in the worker, with where it came from and how fresh it is. */
export interface Listing {
  readonly opened: OpenedTable;
  readonly freshness: Freshness;
  /** How the probe of the daemon ended; undefined where none was probed. */
  readonly daemon?: Probe | undefined;
  /** `receiving`: more pins are on their way, and another listing will replace this one. `broken-off`: the rest won't come, or can't be read. */
  readonly incomplete?: 'receiving' | 'broken-off' | undefined;
  /** What the hint of the source (PinSource.hint) is for this list, where that is known. */
  readonly hint?: string | undefined;
  /** What tells the daemon or account that was listed from another one at the same address; left out where nothing does. Contains no secret. */
  readonly identity?: string | undefined;
  /** How long reading it took, in ms; left out while it is read. */
  readonly tookMs?: number;
  /** Sentences for people: why the list isn't live, what is missing, what was left out or skipped. */
  readonly notes: readonly string[];
}

export interface ListingOptions {
  readonly worker: PinWorkerHandle;
  readonly signal?: AbortSignal | undefined;
  /** Called just before the whole list of a daemon is read: an earlier list of it may be closed. */
  readonly beforeLive?: (() => void) | undefined;
  /** Receives the part of the list that has been read so far, or a list that can be shown meanwhile. A later listing replaces it; the receiver closes it. */
  readonly onInterim?: ((listing: Listing) => void) | undefined;
  readonly onReceived?: ((bytes: number) => void) | undefined;
}

/** What a listing says besides what is in its table. */
export interface ListingContext {
  /** Default `live`. */
  readonly freshness?: Freshness;
  readonly daemon?: Probe | undefined;
  /** Notes that come before those about the table. */
  readonly notes?: readonly string[];
}

/**
 * Opens a list of any kind in the pin worker, and opens it again if another request ends the thread meanwhile. `onInterim` receives what has been read so far;
 * the result is the whole list, or the part that arrived before it was cut off. Rejects with an IpfsKitError, whose message for a live list ends with the next
 * step.
 */
export async function openList(
  request: OpenRequest,
  { worker, signal, beforeLive, onInterim, onReceived }: ListingOptions,
  { freshness = 'live', daemon, notes = [] }: ListingContext = {},
): Promise<Listing> {
  const isLive = freshness === 'live';
  if (isLive) beforeLive?.();
  const listing = { freshness, daemon };
  const began = performance.now();
  const onSoFar = (soFar: OpenedTable): void => onInterim?.({ ...listing, opened: soFar, incomplete: 'receiving', notes });
  const opened = await repeatIfEndedByAnother((isRepeated) => {
    // The ended thread may have left a mark (readMarks.ts).
    const asked = isRepeated && request.kind === 'live' ? { ...request, query: { ...request.query, again: true } } : request;
    return worker.request('open', asked, { signal, onReceived, onSoFar: onInterim && onSoFar });
  }).catch((error: unknown) => {
    throw isLive ? withNextStep(error) : error;
  });
  return {
    ...listing,
    opened,
    hint: opened.hint,
    tookMs: performance.now() - began,
    incomplete: opened.incomplete && 'broken-off',
    notes: [...notes, ...notesOf(opened, isLive ? byAsker('Refresh to list them again', tryAgain()) : undefined)],
  };
}

/** The most severe gap with its next step, then the other facts. */
function notesOf(opened: OpenedTable, step: string | undefined): readonly string[] {
  const { incomplete, arrowFailure, namesMissing, statusesMissing, leftOut, passedOver } = opened;
  const missing = incomplete
    ? incomplete.message
    : namesMissing
      ? because('Pin names are unavailable', namesMissing.message)
      : statusesMissing && because("The status of some pins isn't known", statusesMissing.message);
  return [
    missing && sentences(withoutQuery(missing), step),
    arrowFailure && arrowFailure.reason !== 'no-such-route' ? arrowFailure.message : undefined,
    leftOut,
    ...passedOver.map(({ message }) => message),
  ].filter((note) => note !== undefined);
}

/** The skipped stores that are newer than the opened one and may contain pins. */
export function newerUnread({ passedOver, asOfMs }: OpenedTable): readonly PassedOver[] {
  return passedOver.filter(
    ({ reason, modifiedMs }) => modifiedMs !== undefined && modifiedMs > asOfMs && !HOLDS_NO_PINS.includes(reason),
  );
}

const HOLDS_NO_PINS: readonly Reason[] = ['no-pins-table', 'not-a-database', 'empty', 'missing', 'not-a-file'];

/** Whether a store can't be listed because it has no pins. */
export function holdsNoPins(error: unknown): boolean {
  return IpfsKitError.is(error, ...HOLDS_NO_PINS);
}

export async function closeListing(worker: PinWorkerHandle, { opened }: Listing): Promise<void> {
  // Tables end with their thread, and a table that can't be closed is closed already.
  if (worker.isRunning()) await worker.request('close', { table: opened.table }).catch(() => undefined);
}
