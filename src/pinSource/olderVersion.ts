import { sentences } from '../base/causes';
import { IpfsKitError } from '../base/ipfsKitError';

export interface KnownVersion {
  /** `Kubo`. */
  readonly name: string;
  /** As the daemon reports it: `0.4.23`. */
  readonly version: string;
  /** The first version that supports the request: `0.26`. */
  readonly needed: string;
}

/** Turns a failure that an old version explains into `unsupported` with both versions; gives any other failure unchanged. */
export function ofOlderVersion(error: unknown, known: KnownVersion | undefined): unknown {
  if (!known || !IpfsKitError.is(error, 'no-such-route', 'http-status', 'malformed', 'foreign')) return error;
  const { name, version, needed } = known;
  if (!isOlder(version, needed)) return error;
  const why = `This is ${name} ${version}; IPFS Kit needs ${needed} or later. Update ${name}.`;
  return new IpfsKitError('unsupported', sentences(error.message, why), { cause: error });
}

/** Compares the numbers before the second dot. A version without them doesn't count as older. */
function isOlder(version: string, needed: string): boolean {
  const [major, minor] = numbersOf(version);
  const [neededMajor, neededMinor] = numbersOf(needed);
  return major < neededMajor || (major === neededMajor && minor < neededMinor);
}

function numbersOf(version: string): readonly [number, number] {
  const [, major, minor] = /^v?(\d{1,6})\.(\d{1,6})/.exec(version) ?? [];
  return major === undefined ? [Infinity, 0] : [Number(major), Number(minor)];
}
