import { IpfsKitError } from '../../ipfsKitError';
import type { IpfsEntry, IpfsStat } from '../ipfsFiles';
import type { Listed } from '../protocol';
import type { ContentParent } from './contentRow';
import { EntryRow, MoreEntriesRow, ProblemRow } from './contentRow';

export type ContentRow = EntryRow | ProblemRow | MoreEntriesRow;

/** Entries of a page. */
const PAGE = 500;

type ListContent = (at: ContentParent['at'], page: { readonly offset: number; readonly limit: number }) => Promise<Listed>;

/** The rows below pins that have been opened. Content never changes: what has been read once is not read again. */
export interface ContentRows {
  /** Never rejects: what is wrong is a row. */
  below(parent: ContentParent): Promise<ContentRow[]>;
  /** Reads the next page; below() has it then. */
  more(parent: ContentParent): Promise<void>;
  /** What could not be had may be there now. */
  forgetProblems(): void;
}

interface Opened {
  readonly entries: readonly IpfsEntry[];
  readonly more: boolean;
  readonly problem?: IpfsKitError;
  /** The pin itself is this file. */
  readonly isFile?: boolean;
}

const MOST_OPENED = 2000;

export function createContentRows(list: ListContent, stat: (at: ContentParent['at']) => Promise<IpfsStat>): ContentRows {
  const opened = new Map<string, Promise<Opened>>();
  const keyOf = ({ at: { cid, path } }: ContentParent): string => JSON.stringify([cid, ...path]);

  const read = async (parent: ContentParent, before: readonly IpfsEntry[]): Promise<Opened> => {
    try {
      const { entries, more } = await list(parent.at, { offset: before.length, limit: PAGE });
      return { entries: [...before, ...entries], more };
    } catch (error) {
      if ('pin' in parent && IpfsKitError.is(error, 'not-a-folder'))
        return { entries: [await stat(parent.at)], more: false, isFile: true };
      return { entries: before, more: false, problem: IpfsKitError.from(error) };
    }
  };

  return {
    below: async (parent) => {
      const key = keyOf(parent);
      if (opened.size > MOST_OPENED) opened.clear();
      const reading = opened.get(key) ?? read(parent, []);
      opened.set(key, reading);
      return rowsOf(await reading, parent);
    },
    more: async (parent) => {
      const key = keyOf(parent);
      const { entries } = (await opened.get(key)) ?? { entries: [] };
      const reading = read(parent, entries);
      await reading;
      opened.set(key, reading);
    },
    forgetProblems: () => {
      for (const [key, reading] of opened)
        void reading.then(({ problem, entries }) => {
          if (problem ?? entries.some(({ type }) => type === 'unknown')) opened.delete(key);
        });
    },
  };
}

function rowsOf({ entries, more, problem, isFile }: Opened, parent: ContentParent): ContentRow[] {
  if (isFile && 'pin' in parent)
    return entries.map((entry) => new EntryRow({ ...entry, name: parent.fileName }, `${parent.id}/`, parent, true));
  const seen = new Map<string, number>();
  const rows = (more ? entries : foldersFirst(entries)).map((entry): ContentRow => {
    const times = seen.get(entry.name) ?? 0;
    seen.set(entry.name, times + 1);
    return new EntryRow(entry, `${parent.id}/${JSON.stringify(entry.name)}${times === 0 ? '' : `#${times}`}`, parent);
  });
  if (problem) rows.push(new ProblemRow(problem, parent));
  if (more) rows.push(new MoreEntriesRow(parent));
  return rows;
}

/** A folder that is there whole is in the order that the Explorer has; one in pages in its own. */
function foldersFirst(entries: readonly IpfsEntry[]): readonly IpfsEntry[] {
  const rank = ({ type }: IpfsEntry): number => (type === 'directory' ? 0 : 1);
  const lower = (name: string): string => name.toLowerCase();
  return [...entries].sort(
    (a, b) => rank(a) - rank(b) || (lower(a.name) < lower(b.name) ? -1 : lower(a.name) > lower(b.name) ? 1 : 0),
  );
}
