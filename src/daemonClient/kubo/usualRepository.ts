import { expandHome } from '../../base/homePath';
import { DEFAULT_REPOSITORY } from '../../base/settingDefaults';

/** Where Kubo keeps its repository if no setting or option says so: IPFS_PATH, which `read` makes absolute, else ~/.ipfs. */
export function usualRepository(read: (path: string) => string = expandHome): string {
  const set = process.env['IPFS_PATH'];
  return set === undefined || set === '' ? expandHome(DEFAULT_REPOSITORY) : read(set);
}
