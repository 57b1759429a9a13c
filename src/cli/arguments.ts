import type { ParseArgsConfig } from 'node:util';
import { parseArgs } from 'node:util';
import { causeOf } from '../base/causes';
import { expandHome } from '../base/homePath';
import { IpfsKitError } from '../base/ipfsKitError';
import { readRegularFile } from '../base/regularFile';
import { authorizationOf } from '../daemonClient/tokenCache';

/** Reads the arguments of verbs. Messages never repeat an argument that isn't a known option: it may contain a password. */

export const TEXT = { type: 'string' } as const;
export const TEXTS = { type: 'string', multiple: true } as const;
export const FLAG = { type: 'boolean' } as const;
export const TOKENS = { 'token-file': TEXTS, 'token-env': TEXTS } as const;

const MOST_TOKEN_BYTES = 65_536;

/** An option with its value, and the `Authorization` header from the --token-file or --token-env right after it. */
export interface NamedOption {
  readonly name: string;
  readonly value: string;
  readonly authorization?: string;
}

type Options = NonNullable<ParseArgsConfig['options']>;
interface Config<T extends Options> {
  readonly args: string[];
  readonly options: T;
  readonly allowPositionals: true;
  readonly tokens: true;
}
type Parsed<T extends Options> = Pick<ReturnType<typeof parseArgs<Config<T>>>, 'values' | 'positionals'>;

/**
 * Parses as util.parseArgs does, except that a value may begin with one minus, as in `--sort -time`; no option does. Throws `invalid-argument` for options that
 * are unknown, empty (except those of `mayBeEmpty`), or repeated where only one value is allowed: util.parseArgs would use the last value, and a token would go
 * to that address.
 * `tokenFor`: the options that a token may follow.
 */
export function parseVerb<T extends Options>(
  args: readonly string[],
  options: T,
  { tokenFor, mayBeEmpty = [] }: { readonly tokenFor: readonly string[]; readonly mayBeEmpty?: readonly string[] },
): Parsed<T> & { readonly named: readonly NamedOption[] } {
  const config = { args: [...args], options, allowPositionals: true, tokens: true } as const;
  const { values, positionals, tokens } = parseArgs({ ...config, strict: false }) as ReturnType<typeof parseArgs<Config<T>>>;
  const given: NamedOption[] = [];
  for (const token of tokens) {
    if (token.kind !== 'option') continue;
    const { index, name, value, inlineValue } = token;
    const option = Object.hasOwn(options, name) ? options[name] : undefined;
    if (!option) throw misused(`Argument ${index + 1} of the verb isn't a known option.`);
    if (option.type === 'boolean' && value !== undefined) throw misused(`--${name} takes no value.`);
    if (option.type === 'string' && (value === undefined || (!inlineValue && value.startsWith('--'))))
      throw misused(`--${name} requires a value; write one that begins with -- like --${name}=--text.`);
    if (option.type === 'string' && option.multiple !== true && given.some((other) => other.name === name))
      throw misused(`--${name} can be given only once.`);
    if (value === '' && !mayBeEmpty.includes(name)) throw misused(`--${name} must not be empty.`);
    given.push({ name, value: value ?? '' });
  }
  return { values, positionals, named: withTokens(given, tokenFor) };
}

/** Reads every token at once, so that a wrong path fails before any daemon is contacted. */
function withTokens(given: readonly NamedOption[], tokenFor: readonly string[]): readonly NamedOption[] {
  const named: NamedOption[] = [];
  for (const [at, option] of given.entries()) {
    if (!isToken(option)) {
      named.push(option);
      continue;
    }
    const of = given[at - 1];
    if (of === undefined || !tokenFor.includes(of.name))
      throw misused(`--${option.name} must follow the ${either(tokenFor)} that it is for.`);
    named[named.length - 1] = { ...of, authorization: authorizationOf(tokenIn(option)) };
  }
  return named;
}

function isToken({ name }: NamedOption): boolean {
  return Object.hasOwn(TOKENS, name);
}

function either(names: readonly string[]): string {
  const options = names.map((name) => `--${name}`);
  return [options.slice(0, -1).join(', '), ...options.slice(-1)].filter(Boolean).join(' or ');
}

/** The first line of the file or of the variable. Error messages contain neither that nor the value of the option, which may be the token by mistake. */
function tokenIn({ name, value }: NamedOption): string {
  const text = name === 'token-file' ? tokenFile(value) : Object.hasOwn(process.env, value) ? process.env[value] : undefined;
  const token = text?.split('\n', 1)[0]?.trim() ?? '';
  if (token !== '') return token;
  throw misused(`The ${name === 'token-file' ? 'file' : 'environment variable'} of --${name} has no token.`);
}

function tokenFile(value: string): string {
  const file = fromHere(value, '--token-file');
  try {
    return readRegularFile(file, MOST_TOKEN_BYTES).toString('utf8');
  } catch (error) {
    const { reason } = IpfsKitError.from(error);
    throw new IpfsKitError(
      reason,
      `The file of --token-file ${reason === 'missing' ? "doesn't exist" : "can't be read"}. Check the path.`,
    );
  }
}

/** An error in the arguments. */
export function misused(why: string): IpfsKitError {
  return new IpfsKitError('invalid-argument', `${why} See --help.`);
}

/** What `read` makes of the value of an option; an error names the option, since the message of a shared parser doesn't know it. */
export function fromOption<T>(name: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!IpfsKitError.is(error, 'invalid-argument')) throw error;
    throw new IpfsKitError(error.reason, causeOf(`--${name}`, error.message), { cause: error });
  }
}

/** The number of an option. `most`: the largest; `range`: what the option takes, for the error. */
export function wholeNumber(
  name: string,
  text: string | undefined,
  { most = Number.MAX_SAFE_INTEGER, range = 'a whole number of 0 or more' } = {},
): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d+$/.test(text) && Number(text) <= most) return Number(text);
  throw misused(`--${name} must be ${range}.`);
}

/** What looks like a URL or like `user@host` in place of a path, and may contain a password. On Windows one letter before a colon is a drive. */
const NO_PATH = /^[^/\\]{2,}:[/\\]|^(?:\/{2,})?[^/\\]+@[^/\\]/;

/** The absolute path for one that is typed as `of`, an option or a variable. Throws `invalid-argument`, and `missing` where the current folder is deleted. */
export function fromHere(file: string, of: string): string {
  if (NO_PATH.test(file))
    throw misused(
      `The path of ${of} looks like a URL that is misspelled or of another kind. Begin a path like ./a@b with ./ or /.`,
    );
  try {
    return expandHome(file, '.');
  } catch (error) {
    throw new IpfsKitError('missing', `The current folder doesn't exist anymore. Use an absolute path for ${of}.`, {
      cause: error,
    });
  }
}

/** Whether text is a URL rather than a path; --kubo takes both. */
export function isUrl(text: string): boolean {
  return /^[a-z][a-z\d+.-]*:\/\//i.test(text);
}
