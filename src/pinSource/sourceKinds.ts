import { clusterKind } from './clusterSource';
import { filesKind } from './filesSource';
import { ipfsKitKind } from './ipfsKitSource';
import { kuboKind } from './kuboSource';
import { pinningServiceKind } from './pinningServiceSource';
import type { PinSource } from './pinSource';
import type { SourceKind, SourceParts } from './sourceKind';

/** Every kind of source, in the order of the view. The extension has this file in a separate bundle, loaded with the first list. */
export const SOURCE_KINDS: readonly SourceKind[] = [ipfsKitKind, kuboKind, filesKind, clusterKind, pinningServiceKind];

/**
 * Gives a function that returns the sources to list now, in the order of the table: those of the kinds that `ipfsKit.sources` names, by default of all.
 * It looks at a few files and contacts no daemon.
 */
export function createSources(parts: SourceParts, kinds = SOURCE_KINDS): () => readonly PinSource[] {
  const made = kinds.map(({ id, create }) => ({ id, expected: create(parts) }));
  return () => {
    const { wanted } = parts.settings();
    const expected = made.filter(({ id }) => wanted?.includes(id) ?? true).flatMap((each) => each.expected());
    return expected.flatMap((source) => [source, ...(source.further?.() ?? [])]);
  };
}
