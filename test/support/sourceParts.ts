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

/** What sources are made from, where nothing is set but what is given, and no daemon of ipfs_kit_py may be asked. */
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
