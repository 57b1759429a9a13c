import { IpfsKitError } from '../../base/ipfsKitError';
import { readRegularFile } from '../../base/regularFile';
import type { LastListing, ListingKeeper } from '../../pinStore/lastListing';
import type { Opener } from '../opener';
import { readJson } from './jsonReader';
import { TABLE_MAKERS } from './tableMakers';

export interface KeptQuery {
  /** The base URLs of daemons. */
  readonly urls: readonly string[];
}

const MOST_KEPT_BYTES = 2 ** 29;

/** Opens the saved last list of one of these daemons. Rejects with `missing` where none is saved. */
export const openKept: Opener<KeptQuery> = async ({ urls }, { keepFolder, signal }) => {
  const { findLastListing } = await import('../../pinStore/lastListing');
  const last = keepFolder === undefined ? undefined : findLastListing(keepFolder, urls);
  if (!last) throw new IpfsKitError('missing', `No list from ${urls.join(', ')} was saved.`);
  const body = readRegularFile(last.path, MOST_KEPT_BYTES);
  const isArrow = last.kind === 'arrow';
  return {
    table: isArrow ? await TABLE_MAKERS.ofArrow(body) : await readJson(body, signal),
    source: last.kind,
    location: `${last.url}${isArrow ? '/pin-index-arrow' : '/pins'}`,
    asOfMs: last.receivedMs,
  };
};

let keeper: ListingKeeper | undefined;

/** Saves a list as it was received, for openKept. Without a folder, none is saved. Never rejects. */
export async function keepList(
  folder: string | undefined,
  url: string,
  kind: LastListing['kind'],
  body: Uint8Array,
): Promise<void> {
  if (folder === undefined) return;
  const { listingKeeper } = await import('../../pinStore/lastListing');
  keeper ??= listingKeeper(folder);
  await keeper.keep(url, kind, body);
}
