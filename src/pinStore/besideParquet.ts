import { basename, dirname, relative, resolve } from 'node:path';
import type { PassedOver, StoreCandidate } from './locate';
import { isSetFolder } from './parquet/parquetSet';

/** Reports Parquet files beside the listed ones, in the configured folder or where there is a set: each counts as a separate list. */
export function besideParquet(
  path: string,
  all: readonly StoreCandidate[],
  named: string,
): { readonly notes: readonly PassedOver[]; readonly files: readonly string[] } {
  const none = { notes: [], files: [] };
  const listed = all.find((each) => each.path === path);
  if (!listed) return none;
  const folder = folderOf(listed, named);
  const beside = all.filter((other) => other !== listed && other.format === 'parquet' && folderOf(other, named) === folder);
  const isNamed = folder === resolve(named) || [listed, ...beside].some(({ parts }) => parts);
  if (listed.format !== 'parquet' || !isNamed || beside.length === 0) return none;
  const files = beside.flatMap(({ path: file, parts = [file] }) => parts).map((file) => relative(folder, file));
  const shown = `${files.slice(0, 5).join(', ')}${files.length > 5 ? ', …' : ''}`;
  const what = listed.path === folder ? `The parts in ${folder} are` : `${listed.path} is`;
  const message = `${what} listed, and ${files.length} other Parquet ${files.length === 1 ? 'file' : 'files'} beside ${listed.path === folder ? 'them' : 'it'} ignored: ${shown}. If they are parts of one list, put them into a folder whose name ends in .parquet.`;
  return { notes: [{ path: named, reason: 'left-out', message }], files: beside.map((other) => other.path) };
}

/** The folder that contains a file or the folder of a set. Some sets keep their parts in a folder that may hold other lists too: then it is that folder. */
function folderOf({ path: place, parts }: StoreCandidate, named: string): string {
  return parts && (place === resolve(named) || !isSetFolder(basename(place))) ? place : dirname(place);
}
