/** One pin as every view, API and command line shows it. Absent values are left out. */
export interface Pin {
  readonly cid: string;
  readonly name?: string;
  /** Usually recursive, direct or indirect; any other text that the source has. */
  readonly type?: string;
  /** The status that a cluster or a pinning service reports: pinned, queued, failed and others. */
  readonly status?: string;
  /** Bytes; as decimal text past 2^53. For ipfs_kit_py, 0 means unknown and is left out. */
  readonly sizeBytes?: number | string;
  /** ISO 8601, UTC, milliseconds. */
  readonly pinnedAt?: string;
  readonly vfsPath?: string;
  readonly mountPoint?: string;
  readonly tier?: string;
  readonly replicas?: number;
  readonly backend?: string;
  readonly integrity?: string;
  /** ISO 8601, UTC, milliseconds. */
  readonly lastAccessed?: string;
  /** When the source unpins it by itself: ISO 8601, UTC, milliseconds. Absent where it never does so, and where that isn't known. */
  readonly expiresAt?: string;
  /** How many peers of a cluster have the pin. */
  readonly replicasPinned?: number;
  /** How many peers of a cluster should have it, at least and at most; -1 for all of them. */
  readonly replicasMin?: number;
  readonly replicasMax?: number;
  /** What the user has noted with the pin, by key; values that aren't texts are JSON. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** The IDs of the peers of a cluster that should have it; absent where all should. */
  readonly allocations?: readonly string[];
  /** Multiaddresses of peers that were named as having it. */
  readonly origins?: readonly string[];
  /** What a pinning service says of its request, such as `status_details`: why it has failed. */
  readonly info?: Readonly<Record<string, string>>;
  /** In a list that is joined with others: the ids of the sources that list the same content, with its own. */
  readonly sources?: readonly string[];
  /** How many of them keep a copy, where Kubo and its Files are one: a pin that failed or waits is none. Left out where a source may keep one without its being known. */
  readonly copies?: number;
  /** In its place then: how many copies are known, and the ids of the sources that may keep more. */
  readonly copiesAtLeast?: number;
  readonly unknownSources?: readonly string[];
}

/** Text longer than this many UTF-16 units is cut and closed with "…" before it leaves the pin worker. */
export const MAX_TEXT = 4096;

export function cutText(text: string): string {
  if (text.length <= MAX_TEXT) return text;
  const lead = text.charCodeAt(MAX_TEXT - 1);
  const end = lead >= 0xd800 && lead <= 0xdbff ? MAX_TEXT - 1 : MAX_TEXT; // Never half of a surrogate pair.
  return `${text.slice(0, end)}…`;
}
