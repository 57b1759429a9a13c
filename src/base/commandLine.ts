import { parseArgs } from 'node:util';
import type { ParseArgsConfig } from 'node:util';
import { IpfsKitError } from './ipfsKitError';

/** What `pins`, `ls` and `cat` have in common. */

/** As util.parseArgs. Throws `invalid-argument`, with what to do instead; of what is no option, which may hold a password, nothing is repeated. */
export function parseOptions<T extends ParseArgsConfig>(config: T): ReturnType<typeof parseArgs<T>> {
  try {
    return parseArgs(config);
  } catch (error) {
    const isStray = error instanceof Error && 'code' in error && error.code === 'ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL';
    const said = error instanceof Error ? error.message : String(error);
    throw misused(isStray ? 'Only options can be given.' : `${said.replace(/\. .*$/s, '').replace(/\.$/, '')}.`);
  }
}

/** Of a way to call that isn't there: the usage is one option away, and no part of the message. */
export function misused(why: string): IpfsKitError {
  return new IpfsKitError('invalid-argument', `${why} See --help.`);
}
