import { clusterKind } from './clusterSource';
import { ipfsKitKind } from './ipfsKitSource';
import { kuboKind } from './kuboSource';
import { pinningServiceKind } from './pinningServiceSource';
import type { PinSource } from './pinSource';
import type { SourceKind, SourceParts } from './sourceKind';

/** Every kind of source, in the order in which the view shows them. The first stands in the view until others are found. */
export const SOURCE_KINDS: readonly [SourceKind, ...SourceKind[]] = [ipfsKitKind, kuboKind, clusterKind, pinningServiceKind];

/**
 * Gives a function that returns the sources expected by now, in the order of the table: of the kinds that `ipfsKit.sources` names, or of those that
 * are named in the call. It looks at a few files, and asks no daemon.
 */
export function createSources(
  parts: SourceParts,
  kinds: readonly SourceKind[] = SOURCE_KINDS,
): (wanted?: readonly string[]) => readonly PinSource[] {
  const made = kinds.map(({ id, create }) => ({ id, expected: create(parts) }));
  return (wanted = parts.settings().wanted) => made.filter(({ id }) => wanted.includes(id)).flatMap(({ expected }) => expected());
}
