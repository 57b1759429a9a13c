import path from 'node:path';
import type { ParseArgsConfig } from 'node:util';
import { parseArgs } from 'node:util';
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
 * Parses as util.parseArgs does. Throws `invalid-argument` for options that are unknown, empty (except those of `mayBeEmpty`), or repeated where only one
 * value is allowed: util.parseArgs would use the last value, and a token would go to that address.
 * `tokenFor`: the options that a token may follow.
 */
export function parseVerb<T extends Options>(
  args: readonly string[],
  options: T,
  { tokenFor, mayBeEmpty = [] }: { readonly tokenFor: readonly string[]; readonly mayBeEmpty?: readonly string[] },
): Parsed<T> & { readonly named: readonly NamedOption[] } {
  const { values, positionals, tokens } = parsed({ args: [...args], options, allowPositionals: true, tokens: true });
  const given = tokens.flatMap((token) => (token.kind === 'option' ? [{ name: token.name, value: token.value ?? '' }] : []));
  for (const { name, value } of given) {
    if (options[name]?.type !== 'string') continue;
    if (options[name].multiple !== true && given.filter((other) => other.name === name).length > 1)
      throw misused(`--${name} can be given only once.`);
    if (value === '' && !mayBeEmpty.includes(name)) throw misused(`--${name} must not be empty.`);
  }
  return { values, positionals, named: withTokens(given, tokenFor) };
}

function parsed<T extends Options>(config: Config<T>): ReturnType<typeof parseArgs<Config<T>>> {
  try {
    return parseArgs(config);
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    throw misused(`${said.replace(/\. .*$/s, '').replace(/\.$/, '')}.`);
  }
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

/** The first line of the file or of the variable. Error messages don't contain it. */
function tokenIn({ name, value }: NamedOption): string {
  const text = name === 'token-env' ? process.env[value] : readRegularFile(fromHere(value), MOST_TOKEN_BYTES).toString('utf8');
  const token = text?.split('\n', 1)[0]?.trim() ?? '';
  if (token !== '') return token;
  throw new IpfsKitError('invalid-argument', `--${name} ${value.slice(0, 200)} has no token.`);
}

/** An error in the arguments. */
export function misused(why: string): IpfsKitError {
  return new IpfsKitError('invalid-argument', `${why} See --help.`);
}

export function wholeNumber(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value)) return value;
  throw new IpfsKitError('invalid-argument', `--${name} must be a whole number of 0 or more, not “${text.slice(0, 40)}”.`);
}

/** A typed path as an absolute one. npm runs scripts in the package's folder; INIT_CWD is the folder that npm was started in. */
export function fromHere(file: string): string {
  return file.startsWith('~') ? expandHome(file) : path.resolve(process.env['INIT_CWD'] ?? '.', file);
}

/** Whether text is a URL rather than a path; --kubo takes both. */
export function isUrl(text: string): boolean {
  return /^[a-z][a-z\d+.-]*:\/\//i.test(text);
}
