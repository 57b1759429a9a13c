import { IpfsKitError } from './ipfsKitError';
import type { SafeText } from './safeText';
import { safeText } from './safeText';

const LONGEST_MESSAGE = 300;

/** For an input box that checks while the user types: the message of the error that `check` throws, undefined where it throws none. */
export function whyRejected(check: () => unknown): SafeText | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    return safeText(IpfsKitError.from(error).message, LONGEST_MESSAGE);
  }
}
