import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Settings } from '../../base/settingTypes';

/** Whether there is any source of content; without one, rows can't be opened. Checks one file, and reads none. */
export function hasContentPlaces(settings: Settings): boolean {
  const { repository, gateways } = settings.content.value();
  const { kuboUrl } = settings.sources.value();
  return gateways.length > 0 || kuboUrl !== undefined || existsSync(path.join(repository, 'datastore_spec'));
}
