import { bases } from 'multiformats/basics';
import { CID } from 'multiformats/cid';
import * as Digest from 'multiformats/hashes/digest';
import fc from 'fast-check';
import { decodeCid } from '../../src/pin/cid';
import type { JoinTerm } from '../../src/pin/filterWords';
import type { Pin } from '../../src/pin/pin';
import type { PinCopies } from '../../src/pin/joinedContents';
import type { Unknown } from '../../src/inventory/listJoin';

/** The plainest join of lists: a Map by the decoded codec and multihash, for comparison. */

/** The bytes that identify the content of a CID in text, or the text. */
export function contentOf(cid: string): string {
  const decoded = decodeCid(cid);
  return decoded ? Buffer.from(decoded.bytes).toString('hex') : `text ${cid}`;
}

/** A pin as a list has it. */
export interface ListedPin {
  readonly cid: string;
  readonly status: string | null;
}

export interface ListedSource {
  readonly id: string;
  /** Its list; undefined where it has none. */
  readonly pins?: readonly ListedPin[] | undefined;
  readonly unknown?: Unknown | undefined;
  /** The source with which it is one copy. */
  readonly partOf?: string | undefined;
}

const WAITS = ['failed', 'error', 'queued', 'pending', 'pinning', 'unpinning', 'unpinned'];

function standing(status: string | null, unknown: Unknown | undefined): 'copy' | 'none' | 'unknown' {
  if (status === null || status === '') return unknown === 'statuses' ? 'unknown' : 'copy';
  if (status.toLowerCase() === 'pinned') return 'copy';
  return WAITS.includes(status.toLowerCase()) ? 'none' : 'unknown';
}

export interface Oracle {
  /** What a pin of a source with this CID says. */
  of(cid: string): Required<Pick<PinCopies, 'sources'>> & PinCopies;
  /** Whether it fits the term; undefined where that isn't known. */
  fits(cid: string, term: JoinTerm): boolean | undefined;
  readonly contents: number;
}

export function oracle(sources: readonly ListedSource[]): Oracle {
  const standings = new Map<string, Map<string, Set<string>>>();
  for (const { id, pins = [], unknown } of sources)
    for (const { cid, status } of pins) {
      if (cid === '') continue;
      const content = contentOf(cid);
      const bySource = standings.get(content) ?? new Map<string, Set<string>>();
      standings.set(content, bySource);
      bySource.set(id, (bySource.get(id) ?? new Set()).add(standing(status, unknown)));
    }
  const isUnlisted = ({ pins, unknown }: ListedSource): boolean => unknown === 'list' || (!pins && unknown !== undefined);
  const of: Oracle['of'] = (cid) => {
    const bySource = standings.get(contentOf(cid)) ?? new Map<string, Set<string>>();
    const has = (id: string, what: string): boolean => bySource.get(id)?.has(what) === true;
    const placeOf = ({ id, partOf }: ListedSource): string => sources.find((each) => each.id === partOf)?.id ?? id;
    const places = new Set(sources.filter(({ id }) => has(id, 'copy')).map(placeOf));
    const copies = places.size;
    const unsure = sources.filter((source) => !places.has(placeOf(source)) && (has(source.id, 'unknown') || isUnlisted(source)));
    return {
      sources: sources.filter(({ id }) => bySource.has(id)).map(({ id }) => id),
      ...(unsure.length === 0 ? { copies } : { copiesAtLeast: copies, unknownSources: unsure.map(({ id }) => id) }),
    };
  };
  return {
    of,
    contents: standings.size,
    fits: (cid, term) => {
      const known = of(cid);
      if (term.word === 'copies') {
        const [one, other] = [known.copies ?? known.copiesAtLeast ?? 0, term.count];
        return { '=': one === other, '<': one < other, '<=': one <= other, '>': one > other, '>=': one >= other }[term.compare];
      }
      const names = [term.source, `service:${term.source}`];
      const named = sources.filter(({ id }) => names.includes(id.toLowerCase().replaceAll(' ', '')));
      if (named.some(({ id }) => known.sources.includes(id))) return true;
      return named.length === 0 || named.some(isUnlisted) ? undefined : false;
    },
  };
}

export function copiesOf({ sources, copies, copiesAtLeast, unknownSources }: Pin): PinCopies {
  return {
    ...(sources && { sources }),
    ...(copies !== undefined && { copies }),
    ...(copiesAtLeast !== undefined && { copiesAtLeast }),
    ...(unknownSources && { unknownSources }),
  };
}

/** Few contents, so that lists share them: blocks, equal digests with another codec, identity CIDs with equal beginnings, and texts. */
const CONTENTS: readonly CID[] = [0, 1, 2, 3, 4, 5].flatMap((number) => {
  const digest = Digest.create(0x12, new Uint8Array(32).fill(number));
  const identity = Digest.create(0, Uint8Array.from([...new Uint8Array(40).fill(9), number]));
  return [CID.createV1(0x70, digest), CID.createV1(0x55, digest), CID.createV1(0x55, identity)];
});
const SPELLINGS = [
  bases.base32,
  bases.base32upper,
  bases.base36,
  bases.base36upper,
  bases.base58btc,
  bases.base64url,
  bases.base16,
].map(({ encoder }) => encoder);

export const listedCid: fc.Arbitrary<string> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.tuple(fc.constantFrom(...CONTENTS), fc.constantFrom('v0', 'zv0', ...SPELLINGS)).map(([cid, spelling]) => {
      if (typeof spelling !== 'string') return spelling.encode(cid.bytes);
      if (cid.code !== 0x70) return cid.toString();
      return spelling === 'v0' ? cid.toV0().toString() : `z${cid.toV0().toString()}`;
    }),
  },
  fc.constantFrom('no CID', 'no cid', 'Qm', 'bafy', 'é'),
);

export const listedPin: fc.Arbitrary<ListedPin> = fc.record({
  cid: fc.oneof({ weight: 20, arbitrary: listedCid }, fc.constant('')),
  status: fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom('pinned', 'Pinned', null) },
    fc.constantFrom('failed', 'queued', 'pinning', 'pending', 'UNPINNED', 'unknown', 'resting', ''),
  ),
});
