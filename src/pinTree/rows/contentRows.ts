import type { PlainError } from '../../base/ipfsKitError';
import { IpfsKitError } from '../../base/ipfsKitError';
import { compareKeys, naturalKey } from '../../pin/naturalOrder';
import type { IpfsEntry, IpfsType, Listed } from '../../vfs/ipfsFiles';
import type { ContentAccess } from '../../vfs/editor/contentParts';
import type { Content, ContentParent } from './contentRow';
import { ContentRow } from './contentRow';
import { EmptyRow } from './emptyRow';
import { MoreContentRow } from './moreContentRow';
import { ProblemRow } from './problemRow';
import type { Row } from './row';

/** Entries per page. */
const PAGE = 500;

/**
 * Time in ms until a page is shown with the entries that are known by then. The others are looked for again, as long as each attempt finds more of them.
 */
const FIRST = { ms: 3000 };
const AGAIN = { ms: 8000 };

/** The rows below opened pins. Content never changes, so it is read only once. */
export interface ContentRows extends Content, Pick<ContentAccess, 'kindsHere'> {
  /** Updates `canOpen`, which stays the same until the next call. */
  look(): void;
  /** Records the type that opening a row has shown, which may differ from the guess. */
  learn(row: ContentParent, type: IpfsType): void;
  /** Drops content that couldn't be loaded, so that it is read again. */
  forgetProblems(): void;
}

interface Opened extends Listed {
  readonly problem?: IpfsKitError;
  /** The pin itself is this file. */
  readonly isFile?: boolean | undefined;
}

const NOTHING: Opened = { entries: [], more: false, missing: [] };
const MOST_OPENED = 2000;
const MOST_SEEN = 20_000;

/** `changed` is called when a row, or the rows below it, must be drawn again. */
export function createContentRows(
  { isPossible, list, stat, kindsHere }: Pick<ContentAccess, 'isPossible' | 'list' | 'stat' | 'kindsHere'>,
  changed: (row: ContentParent) => void,
): ContentRows {
  let canOpen = false;
  const opened = new Map<string, { readonly of: Promise<Opened>; parent: ContentParent }>();
  /** Whether a pin is a file, by its CID. */
  const files = new Map<string, boolean>();
  const keyOf = ({ at: { cid, path } }: ContentParent): string => JSON.stringify([cid, ...path]);

  const read = async (parent: ContentParent, before: Opened): Promise<Opened> => {
    try {
      const without = before.missing.map(({ cid }) => cid);
      const page = await list(parent.at, { offset: before.entries.length, limit: PAGE, without, patience: FIRST });
      return { entries: [...before.entries, ...page.entries], more: page.more, missing: [...before.missing, ...page.missing] };
    } catch (error) {
      if (!(parent instanceof ContentRow) && IpfsKitError.is(error, 'not-a-folder')) {
        files.set(parent.at.cid, true);
        return stat(parent.at).then(
          (entry) => ({ ...NOTHING, entries: [entry], isFile: true }),
          (why: unknown) => ({ ...NOTHING, problem: IpfsKitError.from(why) }),
        );
      }
      return { ...before, more: false, problem: IpfsKitError.from(error) };
    }
  };

  /** Reads a page again that was shown before all of it was known. */
  const complete = async (key: string, before: Opened): Promise<void> => {
    const lacking = lackingIn(before);
    const now = opened.get(key);
    if (lacking === 0 || !now || (await now.of) !== before) return;
    const limit = Math.max(PAGE, before.entries.length);
    const after = await list(now.parent.at, { offset: 0, limit, patience: AGAIN }).catch(() => before);
    if (opened.get(key) !== now || lackingIn(after) >= lacking) return;
    opened.set(key, { of: Promise.resolve(after), parent: now.parent });
    changed(now.parent);
    await complete(key, after);
  };

  const open = (parent: ContentParent, of: Promise<Opened>): void => {
    const key = keyOf(parent);
    opened.set(key, { of, parent });
    of.then((known) => complete(key, known)).catch(() => undefined); // below() shows the error
  };

  const content: ContentRows = {
    get canOpen() {
      return canOpen;
    },
    look: () => {
      canOpen = isPossible();
    },
    below: async (parent) => {
      const key = keyOf(parent);
      if (opened.size > MOST_OPENED) opened.clear();
      if (!opened.has(key)) open(parent, read(parent, NOTHING));
      const entry = opened.get(key);
      if (entry) entry.parent = parent;
      return rowsOf((await entry?.of) ?? NOTHING, parent, content);
    },
    more: async (parent) => {
      const before = (await opened.get(keyOf(parent))?.of) ?? NOTHING;
      const reading = read(parent, before);
      const first = (await reading).entries[before.entries.length];
      open(parent, reading);
      changed(parent);
      return rowsOf(await reading, parent, content).find((row) => row instanceof ContentRow && row.entry === first);
    },
    learn: (row, type) => {
      if (!(row instanceof ContentRow)) {
        const { cid } = row.at;
        if (files.size > MOST_SEEN) files.clear();
        const isFile = type !== 'directory';
        if (files.get(cid) === isFile) return;
        files.set(cid, isFile);
        return changed(row);
      }
      if (row.entry.type !== 'unknown') return;
      const before = opened.get(keyOf(row.parent));
      if (!before) return;
      const { cid } = row.entry;
      const entries = (of: Opened): IpfsEntry[] =>
        of.entries.map((entry) => (entry.cid === cid ? { name: entry.name, cid, type } : entry));
      open(
        before.parent,
        before.of.then((of) => ({ ...of, entries: entries(of) })),
      );
      changed(before.parent);
    },
    isFile: (cid) => files.get(cid),
    kindsHere,
    forgetProblems: () => {
      for (const [key, { of }] of opened)
        of.then(({ problem, entries, missing }) => {
          if (problem ?? (missing.length > 0 || entries.some(({ type }) => type === 'unknown'))) opened.delete(key);
        }).catch(() => opened.delete(key));
    },
  };
  return content;
}

/** Number of entries and parts of a page that another attempt may find. */
function lackingIn({ entries, missing }: Listed): number {
  const mayCome = (problem: PlainError | undefined): boolean => problem?.reason === 'timeout';
  return entries.filter(({ problem }) => mayCome(problem)).length + missing.filter(mayCome).length;
}

function rowsOf({ entries, more, missing, problem, isFile }: Opened, parent: ContentParent, content: Content): readonly Row[] {
  if (isFile && !(parent instanceof ContentRow))
    return entries.map((entry) => new ContentRow(content, { ...entry, name: parent.fileName }, `${parent.id}/`, parent, true));
  const seen = new Map<string, number>();
  const rows = (more ? entries : foldersFirst(entries)).map((entry): Row => {
    const times = seen.get(entry.name) ?? 0;
    seen.set(entry.name, times + 1);
    return new ContentRow(content, entry, `${parent.id}/${JSON.stringify(entry.name)}${times === 0 ? '' : `#${times}`}`, parent);
  });
  const [part] = missing;
  if (part) rows.push(new ProblemRow(new IpfsKitError(part.reason, part.message), parent, missing.length));
  if (problem) rows.push(new ProblemRow(problem, parent));
  if (more) rows.push(new MoreContentRow(content, parent));
  return rows.length === 0 ? [new EmptyRow(parent)] : rows;
}

/** Sorts the entries of a complete folder as the Explorer does. A folder in pages keeps its own order. */
function foldersFirst(entries: readonly IpfsEntry[]): readonly IpfsEntry[] {
  const rank = ({ type }: IpfsEntry): number => (type === 'directory' ? 0 : 1);
  return entries
    .map((entry) => ({ entry, key: naturalKey(entry.name) }))
    .sort((a, b) => rank(a.entry) - rank(b.entry) || compareKeys(a.key, b.key))
    .map(({ entry }) => entry);
}
