import type { SourceParts } from '../../src/pinSource/sourceKind';
import type { SourceSettings } from '../../src/base/settingTypes';

const NOTHING_SET: SourceSettings = {
  wanted: [],
  kuboUrl: undefined,
  indirect: false,
  kuboCommand: [],
  clusterUrl: undefined,
  services: [],
};

/** The parts that sources are made from, with only the given settings and without a daemon of ipfs_kit_py. */
export function sourceParts({
  set,
  ...parts
}: Partial<SourceParts> & { readonly set?: () => Partial<SourceSettings> }): SourceParts {
  return {
    settings: () => ({ ...NOTHING_SET, ...set?.() }),
    repository: () => '/nowhere',
    isRepositorySet: () => false,
    authorization: () => Promise.resolve(undefined),
    probe: () => Promise.reject(new Error('No daemon is named.')),
    listing: () => ({}),
    ...parts,
  };
}
