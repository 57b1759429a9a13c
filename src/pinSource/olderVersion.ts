import { sentences } from '../base/causes';
import { IpfsKitError } from '../base/ipfsKitError';

export interface KnownVersion {
  /** `Kubo`. */
  readonly name: string;
  /** As the daemon tells it: `0.4.23`. */
  readonly version: string;
  /** From which version on what is asked can be answered: `0.26`. */
  readonly needed: string;
}

/** A failure that an older version explains, as `unsupported` with both versions; any other as it is. */
export function ofOlderVersion(error: unknown, known: KnownVersion | undefined): unknown {
  if (!known || !IpfsKitError.is(error, 'no-such-route', 'http-status', 'malformed', 'foreign')) return error;
  const { name, version, needed } = known;
  if (!isOlder(version, needed)) return error;
  const why = `This is ${name} ${version}; IPFS Kit needs ${needed} or later. Update ${name}.`;
  return new IpfsKitError('unsupported', sentences(error.message, why), { cause: error });
}

/** By the numbers before the second dot; what has none is not known to be older. */
function isOlder(version: string, needed: string): boolean {
  const [major, minor] = numbersOf(version);
  const [neededMajor, neededMinor] = numbersOf(needed);
  return major < neededMajor || (major === neededMajor && minor < neededMinor);
}

function numbersOf(version: string): readonly [number, number] {
  const [, major, minor] = /^v?(\d{1,6})\.(\d{1,6})/.exec(version) ?? [];
  return major === undefined ? [Infinity, 0] : [Number(major), Number(minor)];
}
