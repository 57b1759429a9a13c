import { canceled, IpfsKitError } from '../base/ipfsKitError';
import { forEachBlock, pause } from '../base/stepByStep';
import type { ContentVisitor, ContentWalk, JoinedContents } from '../pin/joinedContents';
import type { Standing } from '../pin/standing';
import { STANDING } from '../pin/standing';
import type { ContentClasses } from './contentClasses';
import { checkCount, contentClasses } from './contentClasses';
import type { ContentIndex } from './contentIndex';
import { contentIndex } from './contentIndex';
import { joinedContents } from './joinedContents';
import type { KnownSources } from './joinTerms';

/** A list that can be joined with others. */
export interface JoinableList {
  /** Begins to read its pins. `without`: what a pin without a status is. */
  readonly contents: (without: Standing) => ContentWalk;
  /** Gives it what is known of its contents; undefined once it has left the join. */
  readonly join: (joined: JoinedContents | undefined) => void;
}

/**
 * What isn't known of a source. `list`: whether it has other pins, since it isn't listed, or its list is incomplete, on its way or behind a token. `statuses`:
 * whether its pins are copies, since they may have failed.
 */
export type Unknown = 'list' | 'statuses';

export interface JoinSource {
  readonly id: string;
  readonly list?: JoinableList | undefined;
  /** Without it, a source without a list has no pins. */
  readonly unknown?: Unknown | undefined;
  /** The id of the source whose blocks it shares, so that both are one copy: Files and its Kubo. */
  readonly partOf?: string | undefined;
}

/** A source as it is in the join. */
export interface JoinedSource {
  readonly id: string;
  readonly unknown?: Unknown | undefined;
  /** Why its list couldn't be read; it is unknown then. */
  readonly error?: IpfsKitError | undefined;
}

/** Several lists, whose contents are compared. */
export interface ListJoin {
  /** Where each source is, in their order. */
  readonly sources: readonly JoinedSource[];
  /** The number of different contents, and the bytes that the join takes. */
  readonly contents: number;
  readonly bytes: number;
  /**
   * Sets the sources: reads the lists that are new, forgets those that have gone, and reads no other. Until a list has been read, its source is unknown. One
   * call at a time is carried out, in their order. Rejects with `cancelled`, after which a list that wasn't read yet stays unknown, and `invalid-argument`.
   */
  set(sources: readonly JoinSource[], signal: AbortSignal): Promise<void>;
  /** Forgets a list that is about to be closed. Its source is unknown from now on. */
  leave(list: JoinableList): Promise<void>;
  /** Forgets all lists. */
  close(): Promise<void>;
}

/** A source with what was read of it. */
interface Member {
  readonly id: string;
  /** The number of its bit. */
  readonly bit: number;
  readonly partOf: string | undefined;
  list: JoinableList | undefined;
  unknown: Unknown | undefined;
  error: IpfsKitError | undefined;
  /** The entry of each row, once the list has been read. */
  entries: Uint32Array | undefined;
  /** Whether some of its pins may be copies or not. */
  isUnsure: boolean;
}

const NEVER = new AbortController().signal;

/** Counts for all joins, since a table keeps what it found by the version, and may come into another join. */
let lastVersion = 0;

export function createListJoin(): ListJoin {
  const index = contentIndex();
  const classes = contentClasses();
  let members: Member[] = [];
  let version = ++lastVersion;
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const result = last.then(work);
    last = result.catch(() => undefined);
    return result;
  };

  const isUnlisted = ({ list, unknown, entries }: Member): boolean =>
    unknown === 'list' || (list ? entries === undefined : unknown !== undefined);
  const known = (): KnownSources & { readonly unsure: number } => {
    let [unlisted, unsure] = [0, 0];
    for (const member of members) {
      if (isUnlisted(member)) unlisted |= 1 << member.bit;
      if (member.isUnsure) unsure |= 1 << member.bit;
    }
    const parts = members.flatMap(({ bit, partOf }) =>
      members.filter(({ id }) => id === partOf).map((whole) => [1 << bit, 1 << whole.bit] as const),
    );
    return { ids: members.map(({ id, bit }) => [id, 1 << bit]), unlisted, unsure, parts };
  };
  const shared = joinedContents(index, classes, () => version, known);

  const forget = async (member: Member): Promise<void> => {
    const { list, entries, bit } = member;
    member.list = undefined;
    member.entries = undefined;
    member.error = undefined;
    member.isUnsure = false;
    version = ++lastVersion;
    list?.join(undefined);
    if (entries) await removeContents(entries, entries.length, bit, index, classes);
    version = ++lastVersion;
  };
  const read = async (member: Member, list: JoinableList, signal: AbortSignal): Promise<void> => {
    const { bit, unknown } = member;
    const adding = contentAdder(bit, index, classes);
    const walk = list.contents(unknown === 'statuses' ? STANDING.unknown : STANDING.copy);
    try {
      while (await walk.next(adding.visitor, signal)) await pause(signal); // other queries come first
      member.entries = adding.entries();
      member.isUnsure = adding.isUnsure();
      list.join(shared(member.entries, 1 << bit));
    } catch (error) {
      await removeContents(adding.entries(), adding.count(), bit, index, classes);
      throw error;
    } finally {
      walk.close();
      version = ++lastVersion;
    }
  };

  /** The members for these sources: those that there were, as far as their lists are still the same, and new ones. */
  const changeTo = async (sources: readonly JoinSource[]): Promise<void> => {
    const before = new Map(members.map((member) => [member.id, member]));
    const stays = ({ id, list, unknown }: JoinSource): boolean => {
      const member = before.get(id);
      return member !== undefined && member.list === list && (member.unknown === 'statuses') === (unknown === 'statuses');
    };
    for (const member of members) if (!sources.some((source) => source.id === member.id && stays(source))) await forget(member);
    const taken = new Set(members.filter(({ id }) => sources.some((source) => source.id === id)).map(({ bit }) => bit));
    members = sources.map(({ id, list, unknown, partOf }) => {
      const { bit = freeBit(taken), error, entries, isUnsure = false } = before.get(id) ?? {};
      return { id, bit, partOf, list, unknown, error, entries, isUnsure };
    });
    version = ++lastVersion;
  };

  return {
    get sources() {
      return members.map((member) => ({
        id: member.id,
        unknown: isUnlisted(member) ? 'list' : member.unknown,
        error: member.error,
      }));
    },
    get contents() {
      return index.size;
    },
    get bytes() {
      return members.reduce((sum, { entries }) => sum + (entries?.byteLength ?? 0), index.bytes());
    },
    set: async (sources, signal) => {
      checkSources(sources);
      await inTurn(async () => {
        stopIfAborted(signal);
        await changeTo(sources);
        for (const member of members) {
          const { list, entries } = member;
          if (!list || entries) continue;
          member.error = undefined;
          try {
            await read(member, list, signal);
          } catch (error) {
            stopIfAborted(signal);
            member.error = IpfsKitError.from(error);
          }
        }
      });
    },
    leave: (list) =>
      inTurn(async () => {
        for (const member of members)
          if (member.list === list) {
            await forget(member);
            member.unknown = 'list';
          }
      }),
    close: () =>
      inTurn(async () => {
        for (const member of members) await forget(member);
        members = [];
      }),
  };
}

function stopIfAborted(signal: AbortSignal): void {
  if (signal.aborted) throw canceled();
}

function freeBit(taken: Set<number>): number {
  let bit = 0;
  while (taken.has(bit)) bit++;
  taken.add(bit);
  return bit;
}

function checkSources(sources: readonly JoinSource[]): void {
  const ids = new Set(sources.map(({ id }) => id));
  const lists = sources.flatMap(({ list }) => list ?? []);
  if (ids.size < sources.length || new Set(lists).size < lists.length)
    throw new IpfsKitError('invalid-argument', 'A source or a list is joined twice.');
  checkCount(sources.length);
}

const FIRST_ROWS = 1024;
const GROWTH = 1.5;
/** The entry of a row that is no pin. */
const NO_ENTRY = 2 ** 32 - 1;

/** Adds the pins of a list to an index. */
function contentAdder(
  bit: number,
  index: ContentIndex,
  classes: ContentClasses,
): {
  readonly visitor: ContentVisitor;
  /** The entries of the rows so far; with `count` of them, it may have room for more. */
  readonly entries: () => Uint32Array;
  readonly count: () => number;
  readonly isUnsure: () => boolean;
} {
  let entries = new Uint32Array(FIRST_ROWS);
  let count = 0;
  let isUnsure = false;
  const push = (entry: number): void => {
    if (count === entries.length) {
      const more = new Uint32Array(Math.ceil(GROWTH * count));
      more.set(entries);
      entries = more;
    }
    entries[count++] = entry;
  };
  return {
    visitor: {
      pin: (bytes, from, to, standing) => {
        const entry = index.findOrAdd(bytes, from, to);
        const of = index.classes();
        const before = of[entry] ?? 0;
        let after = 0;
        try {
          after = classes.plus(before, bit, standing);
        } finally {
          if (after === 0 && before === 0) index.remove(entry); // too many classes
        }
        of[entry] = after;
        push(entry);
        if (standing === STANDING.unknown) isUnsure = true;
      },
      none: () => push(NO_ENTRY),
    },
    entries: () => (entries = entries.slice(0, count)),
    count: () => count,
    isUnsure: () => isUnsure,
  };
}

/** Takes a source out of the contents of its rows. A content that is in no other source is removed with the first of its rows. */
async function removeContents(
  entries: Uint32Array,
  count: number,
  bit: number,
  index: ContentIndex,
  classes: ContentClasses,
): Promise<void> {
  await forEachBlock(
    count,
    (from, to) => {
      for (let row = from; row < to; row++) {
        const entry = entries[row] ?? NO_ENTRY;
        const of = index.classes();
        const before = of[entry] ?? 0;
        const after = classes.minus(before, bit);
        if (after === before) continue; // not an entry, or that of an earlier row
        if (after === 0) index.remove(entry);
        else of[entry] = after;
      }
    },
    NEVER,
  );
}
