import type { DaemonAnswer } from '../daemonClient/daemonAnswer';
import { byAsker, tryAgain } from '../base/asker';
import { because, sentences } from '../base/causes';
import type { Reason } from '../base/ipfsKitError';
import { IpfsKitError } from '../base/ipfsKitError';
import type { Listing } from './listing';
import type { StreamedKind, StreamedQueries } from '../pinWorker/lists/streamedLists';
import type { OpenedTable } from '../pinWorker/protocol';
import type { OpenOptions } from './pinSource';

/** The list of a daemon, read in the pin worker: what has come of it, and in the end the whole, or as much as came before it broke off. */
export async function openStreamedList<Kind extends StreamedKind>(
  kind: Kind,
  query: StreamedQueries[Kind],
  { worker, signal, onInterim, onReceived, beforeLive }: OpenOptions,
): Promise<Listing> {
  worker.start();
  beforeLive?.();
  const opened: OpenedTable = await worker
    .request(
      'openStreamed',
      { kind, query },
      {
        ...(signal && { signal }),
        ...(onReceived && { onReceived }),
        ...(onInterim && {
          onSoFar: (soFar: OpenedTable) => onInterim({ opened: soFar, freshness: 'live', incomplete: 'receiving', notes: [] }),
        }),
      },
    )
    .catch(withNextStep);
  return {
    opened,
    freshness: 'live',
    ...(opened.incomplete && { incomplete: 'broken-off' }),
    notes: notesOf(opened),
  };
}

function notesOf(opened: OpenedTable): readonly string[] {
  return [...missingFrom(opened), ...(opened.leftOut === undefined ? [] : [opened.leftOut])];
}

/** What is missing, the worst of it, with the next step. */
function missingFrom({ incomplete, namesMissing, statusesMissing }: OpenedTable): readonly string[] {
  if (incomplete) return [sentences(withoutQuery(incomplete.message), refresh())];
  if (namesMissing) return [sentences(because('The names of pins are missing', withoutQuery(namesMissing.message)), refresh())];
  if (!statusesMissing) return [];
  return [sentences(because('Of some pins the status is not known', withoutQuery(statusesMissing.message)), refresh())];
}

const refresh = (): string => byAsker('Refresh to list them again', tryAgain());

/** What helps, where the failure of a list doesn't say it. */
function nextStep(reason: Reason): string | undefined {
  switch (reason) {
    case 'refused':
      return 'Start it, or check that its address is right';
    case 'http-status':
      return `Look into the log of that daemon or service. ${tryAgain()}`;
    case 'timeout':
    case 'truncated':
      return tryAgain();
    case 'malformed':
    case 'no-such-route':
      return 'Check that its address is right, and that it is up to date';
    case 'needs-token':
      return byAsker('Use Set Token', '');
    default:
      return undefined;
  }
}

function withNextStep(error: unknown): never {
  const { reason, message } = IpfsKitError.from(error);
  const step = nextStep(reason);
  throw step === undefined ? error : new IpfsKitError(reason, sentences(withoutQuery(message), step), { cause: error });
}

/** A view is narrow, and the query of a URL has no place to break. */
function withoutQuery(message: string): string {
  return message.replace(/(https?:\/\/[^\s?]+)\?\S*/g, '$1');
}

/** What an answer other than `up` means for whoever wants more of that daemon. */
export function notUp({ state, detail, reason: why }: DaemonAnswer): IpfsKitError {
  const reason =
    why ??
    ({ absent: 'refused', busy: 'timeout', foreign: 'foreign', 'needs-token': 'needs-token', up: 'internal' } as const)[state];
  return new IpfsKitError(reason, detail);
}

/** A probe never rejects but for `cancelled`: what is wrong before anything is asked is the answer. */
export async function answered(asking: Promise<DaemonAnswer>): Promise<DaemonAnswer> {
  try {
    return await asking;
  } catch (error) {
    if (IpfsKitError.is(error, 'cancelled')) throw error;
    const { reason, message } = IpfsKitError.from(error);
    return { state: 'foreign', reason, detail: message };
  }
}
