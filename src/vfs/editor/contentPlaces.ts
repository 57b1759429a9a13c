import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Settings } from '../../settings';
import type { SourcePlaces } from '../sources';

/** Where content is looked for, by the settings. */
export function contentPlaces(settings: Settings): SourcePlaces {
  const { repository, gateways } = settings.content.value();
  return { repository, gateways };
}

/** Whether there is any such place: else a pin is not offered to be opened. Looks at one file, and reads none. */
export function hasContentPlaces(settings: Settings): boolean {
  const { repository, gateways } = settings.content.value();
  return gateways.length > 0 || existsSync(path.join(repository, 'datastore_spec'));
}
