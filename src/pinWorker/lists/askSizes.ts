import path from 'node:path';
import type { RpcAccess } from '../../daemonClient/rpcAccess';
import { sizeOfDag } from '../../daemonClient/kubo/kuboRpc';
import { IpfsKitError } from '../../base/ipfsKitError';
import { lastUsed } from '../../base/lastUsed';
import type { UnaskedRow } from '../../pin/pinTable';
import type { KeptSizes } from '../../pinStore/keptSizes';
import { keptSizes } from '../../pinStore/keptSizes';
import type { AskedSizes, SizesQuery } from '../protocol';
import type { OpenTable } from '../tablesByNumber';
import { inTurn } from '../tablesByNumber';

/** Kubo may walk a DAG for a size. More at once would delay lists and pins. */
export const SIZES_AT_ONCE = 4;
/** How long new requests begin, in ms: after that the caller checks the daemon, and shows how far it is. */
const STRETCH_MS = 1000;
/** The most rows that are looked at in one stretch. */
const MOST_ROWS = 10_000;
const SAVE_EVERY_MS = 10_000;
const MOST_DAEMONS = 4;

const keptOf = lastUsed<KeptSizes>(MOST_DAEMONS);
let savedAt = 0;

/**
 * Asks Kubo for the sizes of the next pins of a table that have none, for about a second. Sizes that are kept on disk are added at once, others only by
 * `keepSizes`. Rejects with an IpfsKitError: `refused`, `needs-token` and `cancelled` concern all sizes, other errors only the one that stays unknown.
 */
export async function askSizes(
  open: OpenTable,
  { of, from, daemon, access }: SizesQuery,
  keepFolder: string | undefined,
  signal: AbortSignal,
): Promise<AskedSizes> {
  const { sizes } = open.table;
  if (!sizes) throw new IpfsKitError('unsupported', "The sizes of this list can't be asked for.");
  const { rows, next } = await inTurn(open, () => sizes.unasked(of, from, MOST_ROWS, signal), signal);
  const kept = keptSizesOf(daemon, keepFolder);
  const known = new Map<number, number>();
  const unknown: UnaskedRow[] = [];
  for (const row of rows) {
    const size = kept.get(row.cid);
    if (size === undefined) unknown.push(row);
    else known.set(row.row, size);
  }
  sizes.add(known);
  const asked = await askKubo(unknown, access, signal);
  open.uncheckedSizes = { kept, sizes: asked };
  return { next: unknown[asked.size]?.place ?? next, known: known.size, asked: asked.size };
}

/** The sizes of the first rows, of as many as are asked for in a second. */
async function askKubo(
  rows: readonly UnaskedRow[],
  access: RpcAccess,
  signal: AbortSignal,
): Promise<ReadonlyMap<UnaskedRow, number | undefined>> {
  const sizes = new Map<UnaskedRow, number | undefined>();
  const until = performance.now() + STRETCH_MS;
  let [at, isOver] = [0, false];
  const ask = async (): Promise<void> => {
    while (!isOver && performance.now() < until) {
      const row = rows[at++];
      if (!row) return;
      sizes.set(row, (await sizeOfDag(access, row.cid, { signal }))?.bytes);
    }
  };
  try {
    await Promise.all(Array.from({ length: SIZES_AT_ONCE }, ask));
  } finally {
    isOver = true;
  }
  return sizes;
}

/** Adds the sizes of the last stretch to the table, and keeps them for the next lists of this daemon. `isLast`: no other stretch follows. */
export async function keepSizes(open: OpenTable, isLast: boolean): Promise<void> {
  const { uncheckedSizes } = open;
  open.uncheckedSizes = undefined;
  if (!uncheckedSizes) return;
  const { kept, sizes } = uncheckedSizes;
  for (const [{ cid }, size] of sizes) if (size !== undefined && size > 0) kept.add(cid, size);
  open.table.sizes?.add(new Map([...sizes].map(([{ row }, size]) => [row, size])));
  if (!isLast && Date.now() - savedAt < SAVE_EVERY_MS) return;
  savedAt = Date.now();
  await kept.save();
}

function keptSizesOf({ id, isProven }: SizesQuery['daemon'], keepFolder: string | undefined): KeptSizes {
  return keptOf(id, () => keptSizes(keepFolder === undefined || !isProven ? undefined : path.join(keepFolder, 'sizes'), id));
}
