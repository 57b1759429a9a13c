import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Settings } from '../../base/settings';

/** Whether there is any such place: else a pin is not offered to be opened. Looks at one file, and reads none. */
export function hasContentPlaces(settings: Settings): boolean {
  const { repository, gateways } = settings.content.value();
  const { kuboUrl } = settings.sources.value();
  return gateways.length > 0 || kuboUrl !== undefined || existsSync(path.join(repository, 'datastore_spec'));
}
