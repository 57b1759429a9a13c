import { because, sentences } from '../../base/causes';
import { IpfsKitError } from '../../base/ipfsKitError';
import { stopIfCancelled } from '../../base/replacedFile';
import { fetchJsonPins } from '../../daemonClient/ipfsKit/pinListRequests';
import type { PinTable } from '../../pin/pinTable';
import type { Opener } from '../opener';
import { readJson } from './jsonReader';
import { receiveArrow } from './liveArrow';
import { keepList } from './openKept';
import { readArrowBody } from './tableMakers';

export interface LiveQuery {
  /** The base URL of ipfs_kit_py's daemon. */
  readonly baseUrl: string;
  /** The user asked for the list: it is read even if reading it has ended a thread or a process before (readMarks.ts). */
  readonly again?: boolean | undefined;
}

/**
 * Opens the Arrow index of ipfs_kit_py's daemon, shown as it comes in; else its JSON list, unless that has fewer pins than the received part of a truncated
 * index; else that part of the index (`incomplete`). A complete list is saved for openKept. Rejects with an IpfsKitError.
 */
export const openLive: Opener<LiveQuery> = async ({ baseUrl, again = false }, context) => {
  const { signal, marks, onReceived, onSoFar, keepFolder } = context;
  const arrow = { source: 'arrow', location: `${baseUrl}/pin-index-arrow` } as const;
  const json = { source: 'json', location: `${baseUrl}/pins` } as const;
  let arrowFailure: IpfsKitError;
  let came: PinTable | undefined;
  try {
    if (!again) marks.check(arrow.location);
    const { table, body, incomplete } = await receiveArrow(baseUrl, {
      signal,
      onReceived,
      read: (body, soFar) => marks.during(arrow.location, body.length, () => readArrowBody(body, soFar)),
      onTable: (soFar) => onSoFar({ table: soFar, ...arrow }),
    });
    if (!incomplete) {
      void keepList(keepFolder, baseUrl, 'arrow', body);
      return { table, ...arrow };
    }
    came = table;
    arrowFailure = incomplete;
  } catch (error) {
    stopIfCancelled(signal);
    arrowFailure = IpfsKitError.from(error);
  }
  try {
    if (!again) marks.check(json.location);
    const body = await fetchJsonPins(baseUrl, { signal, onBytes: ({ received }) => onReceived(received) });
    const table = await marks.during(json.location, body.length, () => readJson(body, signal));
    if (came && (await table.count({}, signal)) < (await came.count({}, signal)))
      throw new IpfsKitError('truncated', 'The JSON list has fewer pins.');
    came?.close();
    void keepList(keepFolder, baseUrl, 'json', body);
    return { table, ...json, arrowFailure };
  } catch (error) {
    if (came) return { table: came, ...arrow, incomplete: arrowFailure };
    stopIfCancelled(signal);
    // The Arrow route is the documented one, so its failure is reported, unless the daemon doesn't have it.
    if (arrowFailure.reason === 'no-such-route') throw error;
    const also = because('The JSON list failed too', IpfsKitError.from(error).message);
    throw new IpfsKitError(arrowFailure.reason, sentences(arrowFailure.message, also));
  }
};
