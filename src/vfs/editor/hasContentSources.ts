import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Settings } from '../../base/settingTypes';

/** Whether there is any source of content; without one, rows can't be opened. Checks one file, and reads none. */
export function hasContentSources(settings: Settings): boolean {
  const { gateways } = settings.content.value();
  const { kuboUrl } = settings.sources.value();
  return gateways.length > 0 || kuboUrl !== undefined || hasBlocksHere(settings);
}

/** Whether there is a repository that may have blocks on this disk. */
export function hasBlocksHere(settings: Settings): boolean {
  return existsSync(path.join(settings.content.value().repository, 'datastore_spec'));
}
