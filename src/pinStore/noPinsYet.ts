import { IpfsKitError } from '../base/ipfsKitError';
import { byAsker, nameOf } from '../base/settingOrOption';

/** The error of a location without a pin database; `why` is a sentence. */
export function noDatabase(why: string): IpfsKitError {
  return new IpfsKitError(
    'missing',
    `${why} Start the ipfs_kit_py daemon once, or set ${nameOf('database')} to the pin database.`,
  );
}

/** The error of a database file without a byte. */
export function emptyFile(file: string): IpfsKitError {
  const next = byAsker(
    'Start the ipfs_kit_py daemon, which fills it, and refresh.',
    'Start the ipfs_kit_py daemon, which fills it.',
  );
  return new IpfsKitError('empty', `${file} is an empty file: no pins have been written to it yet. ${next}`);
}
