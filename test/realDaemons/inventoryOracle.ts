import { base32, base32upper } from 'multiformats/bases/base32';
import { base36 } from 'multiformats/bases/base36';
import { base58btc } from 'multiformats/bases/base58';
import { CID } from 'multiformats/cid';

/** What a pin means for its content, by docs/sources.md. The greatest of several pins of one content counts. */
export type Standing = 'none' | 'unknown' | 'copy';

/** A pin or an item that was put into a source: the CID as that source spells it. */
export interface Kept {
  readonly source: string;
  readonly cid: string;
  readonly standing: Standing;
}

/** What all sources say of a content. */
export interface Said {
  readonly listedIn: ReadonlySet<string>;
  readonly copies: number;
  /** The sources that may keep one more copy. */
  readonly mayKeep: readonly string[];
}

/** A filter, which content fits it, and what it asks about: the copies, or whether these sources list it. */
export interface AskedFilter {
  readonly filter: string;
  readonly about: 'copies' | readonly string[];
  readonly fits: (said: Said, isListed: (source: string) => boolean) => boolean;
}

const BASES = base32.decoder.or(base32upper.decoder).or(base36.decoder).or(base58btc.decoder);

/** Files are blocks of Kubo, and both are one copy. */
const placeOf = (source: string): string => (source === 'files' ? 'kubo' : source);

/** Codec and multihash of a CID; any other text is separate content. */
function contentOf(cid: string): string {
  try {
    const { code, multihash } = CID.parse(cid, BASES);
    return `${code} ${Buffer.from(multihash.bytes).toString('hex')}`;
  } catch {
    return `text ${cid}`;
  }
}

/** A pin with what is known of its copies, as a line. */
export function lineOf(pin: {
  readonly cid: string;
  readonly sources?: readonly string[];
  readonly copies?: number;
  readonly copiesAtLeast?: number;
  readonly unknownSources?: readonly string[];
}): string {
  const { cid, sources = [], copies, copiesAtLeast, unknownSources = [] } = pin;
  const count = copies === undefined ? `at least ${String(copiesAtLeast)}` : String(copies);
  return `${cid} in ${sources.join(', ')}: ${count} ${unknownSources.join(', ')}`.trim();
}

export interface Oracle {
  /** The lines of the pins of a source that fit, sorted. */
  readonly lines: (source: string, asked?: AskedFilter) => readonly string[];
  /** The groups of a source with their counts, as `KEY: COUNT`, sorted. */
  readonly groups: (source: string, key: 'copies' | 'source') => readonly string[];
  /** The sources of which more would have to be known for what fits to be certain. */
  readonly doubts: (about: AskedFilter['about']) => readonly string[];
}

/** The join of all sources in the plainest way: by Maps, from what was put into each. `dead`: the sources that don't respond, of which nothing is known. */
export function oracleOf(ids: readonly string[], all: readonly Kept[], dead: readonly string[]): Oracle {
  const kept = all.filter(({ source }) => !dead.includes(source));
  const contents = new Map<string, Map<string, Set<Standing>>>();
  for (const { source, cid, standing } of kept) {
    const content = contents.get(contentOf(cid)) ?? new Map<string, Set<Standing>>();
    content.set(source, (content.get(source) ?? new Set()).add(standing));
    contents.set(contentOf(cid), content);
  }
  const saidOf = (cid: string): Said => {
    const content = contents.get(contentOf(cid)) ?? new Map<string, Set<Standing>>();
    const has = (source: string, standing: Standing): boolean => content.get(source)?.has(standing) ?? false;
    const places = new Set(ids.filter((id) => has(id, 'copy')).map(placeOf));
    const mayKeep = ids.filter((id) => !places.has(placeOf(id)) && (dead.includes(id) || has(id, 'unknown')));
    return { listedIn: new Set(content.keys()), copies: places.size, mayKeep };
  };
  const idsIn = ({ listedIn }: Said): readonly string[] => ids.filter((id) => listedIn.has(id));
  const isListed = (source: string): boolean => !dead.includes(source);
  const unsure = ids.filter((id) => dead.includes(id) || kept.some((pin) => pin.source === id && pin.standing === 'unknown'));
  const line = (cid: string): string => {
    const said = saidOf(cid);
    const { copies, mayKeep } = said;
    const count = mayKeep.length === 0 ? { copies } : { copiesAtLeast: copies, unknownSources: mayKeep };
    return lineOf({ cid, sources: idsIn(said), ...count });
  };
  return {
    lines: (source, asked) =>
      kept
        .filter((pin) => pin.source === source && (asked?.fits(saidOf(pin.cid), isListed) ?? true))
        .map(({ cid }) => line(cid))
        .sort(),
    groups: (source, key) => {
      const counts = new Map<string, number>();
      for (const { cid } of kept.filter((pin) => pin.source === source)) {
        const said = saidOf(cid);
        const group = key === 'source' ? idsIn(said).join(', ') : `${said.copies}${said.mayKeep.length === 0 ? '' : '+'}`;
        counts.set(group, (counts.get(group) ?? 0) + 1);
      }
      return [...counts].map(([group, count]) => `${group}: ${count}`).sort();
    },
    doubts: (about) => (about === 'copies' ? unsure : ids.filter((id) => about.includes(id) && dead.includes(id))),
  };
}
