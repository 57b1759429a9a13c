import { looksLikeCid } from '../../pin/cid';
import type { Pin } from '../../pin/pin';
import type { SafeText } from '../../base/safeText';
import { safe, safeText } from '../../base/safeText';
import { sizeText } from '../../base/sizeAndAge';
import { withCommas } from '../../base/withCommas';

export function byteCount(bytes: number | string): string {
  return `${withCommas(bytes)} ${String(bytes) === '1' ? 'byte' : 'bytes'}`;
}

/** `1.2 MB (1,204,567 bytes)` */
export function exactSize(bytes: number | string): SafeText {
  return safe`${sizeText(bytes)} (${byteCount(bytes)})`;
}

/** Title and value of each known fact of a pin, for tooltips and documents. Plain text. */
export function pinFacts(pin: Pin): [string, SafeText][] {
  const { sizeBytes } = pin;
  const facts: [string, string | number | undefined][] = [
    ['CID', looksLikeCid(pin.cid) ? pin.cid : `${pin.cid} (not a valid CID)`],
    ['Type', pin.type],
    ['Size', sizeBytes === undefined ? undefined : exactSize(sizeBytes)],
    ['Pinned', pin.pinnedAt],
    ['VFS path', pin.vfsPath],
    ['Mount point', pin.mountPoint],
    ['Tier', pin.tier],
    ['Replicas', replicasText(pin)],
    ['Backend', pin.backend],
    ['Integrity', pin.integrity],
    ['Status', pin.status],
    ['Last accessed', pin.lastAccessed],
    ['Expires', pin.expiresAt],
    ['Status details', pin.info?.['status_details']],
  ];
  return facts.flatMap(([title, value]): [string, SafeText][] =>
    value === undefined ? [] : [[title, safeText(String(value), 500)]],
  );
}

/** `1 pinned, 2 to 3 wanted`; only the number where the source has no more. */
function replicasText({ replicas, replicasPinned, replicasMin, replicasMax }: Pin): string | undefined {
  const counts = [replicasMin, replicasMax].filter((peers) => peers !== undefined);
  const wanted = new Set(counts.map((peers) => (peers === -1 ? 'all peers' : withCommas(peers))));
  const parts = [
    ...(replicasPinned === undefined ? [] : [`${withCommas(replicasPinned)} pinned`]),
    ...(wanted.size === 0 ? [] : [`${[...wanted].join(' to ')} wanted`]),
  ];
  return parts.length > 0 ? parts.join(', ') : replicas === undefined ? undefined : String(replicas);
}

/** What takes more than a line, for documents only: lists, and texts by key. */
export function longFacts({ allocations, backend, origins, metadata, info }: Pin): [string, string][] {
  const others = Object.entries(info ?? {}).filter(([key]) => !IN_OTHER_FACTS.has(key));
  const facts: [string, readonly string[]][] = [
    ['Allocated to', allocations?.join(', ') === backend ? [] : (allocations ?? [])],
    ['Origins', origins ?? []],
    ['Metadata', Object.entries(metadata ?? {}).map(keyAndValue)],
    ['Info', others.map(keyAndValue)],
  ];
  return facts.flatMap(([title, lines]): [string, string][] => (lines.length === 0 ? [] : [[title, lines.join('\n')]]));
}

/** What a pinning service says in `info` that is a separate fact. */
const IN_OTHER_FACTS: ReadonlySet<string> = new Set(['status_details', 'dag_size', 'pinned_until']);

function keyAndValue([key, value]: readonly [string, string]): string {
  return `${key} = ${value}`;
}
