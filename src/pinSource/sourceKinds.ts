import { clusterKind } from './clusterSource';
import { ipfsKitKind } from './ipfsKitSource';
import { kuboKind } from './kuboSource';
import { pinningServiceKind } from './pinningServiceSource';
import type { PinSource } from './pinSource';
import type { SourceKind, SourceParts } from './sourceKind';

/** Every kind of source, in the order in which the view shows them. In the editor a bundle of its own, loaded with the first list. */
export const SOURCE_KINDS: readonly SourceKind[] = [ipfsKitKind, kuboKind, clusterKind, pinningServiceKind];

/**
 * Gives a function that returns the sources expected by now, in the order of the table: of the kinds that `ipfsKit.sources` names, or of all.
 * It looks at a few files, and asks no daemon.
 */
export function createSources(parts: SourceParts, kinds = SOURCE_KINDS): () => readonly PinSource[] {
  const made = kinds.map(({ id, create }) => ({ id, expected: create(parts) }));
  return () => {
    const { wanted } = parts.settings();
    return made.filter(({ id }) => wanted?.includes(id) ?? true).flatMap(({ expected }) => expected());
  };
}
