import { byAsker, tryAgain } from '../base/asker';
import { because, sentences } from '../base/causes';
import type { Reason } from '../base/ipfsKitError';
import { IpfsKitError } from '../base/ipfsKitError';
import type { Probe } from '../daemonClient/ipfsKit/probe';
import type { PassedOver } from '../pinStore/locate';
import type { OpenRequest } from '../pinWorker/openers';
import type { PinWorkerHandle } from '../pinWorker/pinWorkerHandle';
import type { OpenedTable } from '../pinWorker/protocol';

/** `live` from a daemon, `snapshot` from disk, `kept`: the last list that a daemon gave, `sample`: the bundled example. */
export type Freshness = 'live' | 'snapshot' | 'kept' | 'sample';

/** A table that is open in the worker, with where it came from and how fresh it is. */
export interface Listing {
  readonly opened: OpenedTable;
  readonly freshness: Freshness;
  /** What the daemon said; undefined where none was asked. */
  readonly daemon?: Probe | undefined;
  /** `receiving`: more pins are on their way, and another listing replaces this one. `broken-off`: they will not come, or can't be read. */
  readonly incomplete?: 'receiving' | 'broken-off';
  /** What people should know beside the pins: why not live, what is missing, what was left out or passed over. */
  readonly notes: readonly string[];
}

export interface ListingOptions {
  readonly worker: PinWorkerHandle;
  readonly signal?: AbortSignal | undefined;
  /** Called just before the whole list of a daemon is read: what was read of it earlier may be given up. */
  readonly beforeLive?: (() => void) | undefined;
  /** What has come of the list so far, or another list that is there before the wanted one; a later listing replaces it. The receiver closes it. */
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
 * A list of any kind, opened in the pin worker: what has come of it so far, if that is wanted, and in the end the whole, or as much as came before the
 * list broke off. Rejects with an IpfsKitError; of a live list it ends in the next step.
 */
export async function openList(
  request: OpenRequest,
  { worker, signal, beforeLive, onInterim, onReceived }: ListingOptions,
  { freshness = 'live', daemon, notes = [] }: ListingContext = {},
): Promise<Listing> {
  worker.start();
  const isLive = freshness === 'live';
  if (isLive) beforeLive?.();
  const listing = { freshness, ...(daemon && { daemon }) };
  const onSoFar = (soFar: OpenedTable): void => onInterim?.({ ...listing, opened: soFar, incomplete: 'receiving', notes });
  const opened = await worker
    .request('open', request, { signal, onReceived, onSoFar: onInterim && onSoFar })
    .catch((error: unknown) => {
      throw isLive ? withNextStep(error) : error;
    });
  return {
    ...listing,
    opened,
    ...(opened.incomplete && { incomplete: 'broken-off' }),
    notes: [...notes, ...notesOf(opened, isLive ? byAsker('Refresh to list them again', tryAgain()) : undefined)],
  };
}

/** What is missing, the worst of it, with the next step; then what else is to be known. */
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

/** What helps, where the failure of a list doesn't say it. */
const NEXT_STEP: Partial<Readonly<Record<Reason, () => string>>> = {
  refused: () => 'Start it, or check that its address is right',
  'http-status': () => `Look into the log of that daemon or service. ${tryAgain()}`,
  timeout: tryAgain,
  truncated: tryAgain,
  malformed: () => 'Check that its address is right, and that it is up to date',
  'no-such-route': () => 'Check that its address is right, and that it is up to date',
  'needs-token': () => byAsker('Use Set Token', ''),
};

function withNextStep(error: unknown): unknown {
  const { reason, message } = IpfsKitError.from(error);
  const step = NEXT_STEP[reason]?.();
  return step === undefined ? error : new IpfsKitError(reason, sentences(withoutQuery(message), step), { cause: error });
}

/** A view is narrow, and the query of a URL has no place to break. */
function withoutQuery(message: string): string {
  return message.replace(/(https?:\/\/[^\s?]+)\?\S*/g, '$1');
}

/** Of what was passed over: stores that are newer than the one that was opened, and may hold pins. */
export function newerUnread({ passedOver, asOfMs }: OpenedTable): readonly PassedOver[] {
  return passedOver.filter(
    ({ reason, modifiedMs }) => modifiedMs !== undefined && modifiedMs > asOfMs && !HOLDS_NO_PINS.includes(reason),
  );
}

const HOLDS_NO_PINS: readonly Reason[] = ['no-pins-table', 'not-a-database', 'empty', 'missing', 'not-a-file'];

export async function closeListing(worker: PinWorkerHandle, { opened }: Listing): Promise<void> {
  // Only an open thread holds tables; a failure to close one means that it is gone already.
  if (worker.isRunning()) await worker.request('close', { table: opened.table }).catch(() => undefined);
}
