/** `npm run ls` and `npm run cat`: the VFS bridge without VS Code. What is written has been compared with its CID. */
import path from 'node:path';
import { askOnCommandLine } from '../base/asker';
import { misused, parseOptions } from '../base/commandLine';
import type { KeptToken } from '../daemonClient/keptTokens';
import { authorizationOf } from '../daemonClient/keptTokens';
import { kuboAccess } from '../daemonClient/kubo/kuboRepository';
import { parseGatewayUrl, parseKuboUrl } from '../daemonClient/rpcUrl';
import type { Way } from '../daemonClient/way';
import { wayTo } from '../daemonClient/way';
import { DEFAULT_REPOSITORY } from '../base/defaults';
import { expandHome } from '../base/homePath';
import { IpfsKitError, toPlainError } from '../base/ipfsKitError';
import { readRegularFile } from '../base/regularFile';
import type { IpfsEntry, IpfsFiles, IpfsStat, Range } from '../vfs/ipfsFiles';
import { createIpfsFiles } from '../vfs/ipfsFiles';
import type { IpfsPath } from '../vfs/ipfsPath';
import { formatIpfsPath, parseIpfsPath } from '../vfs/ipfsPath';
import type { Found } from '../vfs/openablePath';
import { findForEditor } from '../vfs/openablePath';
import type { SourcePlaces } from '../vfs/sources';
import { blockSources } from '../vfs/sources';
import type { MissingPart } from '../vfs/unixfsFolder';
import { createVerifiedBlocks } from '../vfs/verifiedBlocks';

const PATIENCE = { ms: 4000, renewed: true } as const;

const USAGE = `npm run --silent ls -- CID[/PATH] [--repo DIR] [--kubo URL] [--token-file FILE | --token-env NAME] [--gateway URL]… [--json]
npm run --silent cat -- CID[/PATH] [--offset N] [--length N] [--repo DIR] [--kubo URL] [--token-file FILE | --token-env NAME] [--gateway URL]… [--json]

Blocks are looked for in the Kubo repository (default: IPFS_PATH, else ~/.ipfs), at its daemon if one runs, at the Kubo of --kubo, then at the gateways.
A token follows the --repo or --kubo that it is for: a file or a variable of the environment has it. HTTPS_PROXY and NO_PROXY are honored.
Every block is compared with its CID. Symbolic links are followed while they stay below the CID.
ls prints {"entries":[{"name","type","size","cid","target"}]}: the size where it is known, the target of a symbolic link, and a "note" on data that is
shown as its bytes. What doesn't come within ${PATIENCE.ms / 1000} s is of the type "unknown", with its "problem"; "missing":[{"cid","reason","message"}] is what a folder lacks.
cat writes the bytes, of dag-cbor and dag-json as JSON.
On failure both print {"error":{"reason","message"}} to the standard error, with --json to the standard output, and end with status 1.
`;

interface Command {
  readonly what: string;
  readonly at: IpfsPath;
  /** Where the text has what looks like a gateway's query, which `at` is without: as it stands. It comes first, as Kubo reads it. */
  readonly literal: IpfsPath | undefined;
  readonly range: Range;
  readonly places: SourcePlaces;
}

const PAGE = 1000;
const MOST_TOKEN_BYTES = 65_536;
/** Of several values, parseArgs takes the last: a token that follows another one would be sent to the last address. */
const ONCE = ['repo', 'kubo', 'offset', 'length'] as const;

function parse([what = '', ...args]: readonly string[]): Command {
  const text = { type: 'string' } as const;
  const options = {
    repo: text,
    kubo: text,
    'token-file': text,
    'token-env': text,
    gateway: { ...text, multiple: true },
    offset: text,
    length: text,
    json: { type: 'boolean' },
  } as const;
  const { values, positionals, tokens } = parseOptions({ args, options, allowPositionals: true, tokens: true });
  const [target, ...others] = positionals;
  const named = tokens.flatMap((token) => (token.kind === 'option' ? [{ name: token.name, value: token.value ?? '' }] : []));
  const twice = ONCE.find((name) => named.filter((option) => option.name === name).length > 1);
  if (twice !== undefined) throw misused(`--${twice} can be given only once.`);
  if (target === undefined || others.length > 0) throw misused('Name one CID.');
  const [offset, length] = [wholeNumber('offset', values.offset), wholeNumber('length', values.length)];
  if (what === 'ls' && (offset ?? length) !== undefined) throw misused('Only cat takes --offset and --length.');
  const repository = values.repo ?? process.env['IPFS_PATH'];
  return {
    what,
    at: parseIpfsPath(target),
    literal: literalPath(target),
    range: { ...(offset !== undefined && { offset }), ...(length !== undefined && { length }) },
    places: placesOf(
      repository === undefined || repository === '' ? expandHome(DEFAULT_REPOSITORY) : fromHere(repository),
      values.kubo === undefined ? undefined : parseKuboUrl(values.kubo),
      (values.gateway ?? []).map(parseGatewayUrl),
      named,
    ),
  };
}

function literalPath(text: string): IpfsPath | undefined {
  try {
    return parseIpfsPath(text, { isLiteral: true });
  } catch {
    return undefined; // a CID with a query
  }
}

/** What is there at the literal path, else at the other one. */
async function find(files: IpfsFiles, { at, literal }: Command): Promise<Found & { readonly asked: IpfsPath }> {
  try {
    if (literal && formatIpfsPath(literal) !== formatIpfsPath(at))
      return { ...(await findForEditor(files, literal)), asked: literal };
  } catch (error) {
    if (!IpfsKitError.is(error, 'no-entry', 'not-a-folder')) throw error;
  }
  return { ...(await findForEditor(files, at)), asked: at };
}

/** With the tokens: each belongs to the --repo or --kubo before it. */
function placesOf(
  repository: string,
  kuboUrl: string | undefined,
  gateways: readonly string[],
  options: readonly { readonly name: string; readonly value: string }[],
): SourcePlaces {
  const daemon = kuboAccess(repository);
  const ways = [kuboUrl, ...gateways].flatMap((url): [string, Way][] => {
    const way = url === undefined ? undefined : wayTo(url, { environment: process.env });
    return url === undefined || way === undefined ? [] : [[url, way]];
  });
  const authorizations: Record<string, KeptToken> = {};
  for (const [at, { name, value }] of options.entries()) {
    if (!name.startsWith('token-')) continue;
    const whose = options[at - 1]?.name;
    if (whose !== 'repo' && whose !== 'kubo') throw misused(`--${name} must follow the --repo or --kubo that it is for.`);
    const place = whose === 'kubo' ? kuboUrl : (daemon?.socketPath ?? daemon?.url);
    if (place !== undefined) authorizations[place] = { authorization: authorizationOf(tokenIn(name, value)) };
  }
  return { repository, kuboUrl, gateways, authorizations, ways: Object.fromEntries(ways) };
}

/** Of a file the first line, of which the message says nothing. */
function tokenIn(option: string, named: string): string {
  const text = option === 'token-env' ? process.env[named] : readRegularFile(fromHere(named), MOST_TOKEN_BYTES).toString('utf8');
  const token = text?.split('\n', 1)[0]?.trim() ?? '';
  if (token !== '') return token;
  throw new IpfsKitError('invalid-argument', `--${option} ${named.slice(0, 200)} has no token.`);
}

function wholeNumber(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value)) return value;
  throw new IpfsKitError('invalid-argument', `--${name} is a whole number, 0 or more, and not “${text.slice(0, 40)}”.`);
}

/** npm runs scripts in the package's folder; INIT_CWD is where the person stands. */
function fromHere(file: string): string {
  return file.startsWith('~') ? expandHome(file) : path.resolve(process.env['INIT_CWD'] ?? '.', file);
}

async function list(files: IpfsFiles, command: Command): Promise<void> {
  const { at, stat, asked } = await find(files, command);
  const entries: (IpfsEntry & Pick<IpfsStat, 'whyBytes'>)[] = [];
  const missing: MissingPart[] = [];
  const done = new AbortController();
  if (stat.type !== 'directory') entries.push({ ...stat, name: asked.path.at(-1) ?? stat.name });
  else
    for (let more = true; more;) {
      const without = missing.map(({ cid }) => cid);
      const page = await files.list(at, { offset: entries.length, limit: PAGE, without, patience: PATIENCE }, done.signal);
      entries.push(...page.entries);
      missing.push(...page.missing);
      more = page.more;
    }
  done.abort(); // what has not come is looked for no longer
  const plain = entries.map(({ name, type, sizeBytes, cid, target, whyBytes, problem }) => ({
    name,
    type,
    ...(sizeBytes !== undefined && { size: sizeBytes }),
    cid,
    ...(target !== undefined && { target }),
    ...(whyBytes !== undefined && { note: whyBytes }),
    ...(problem && { problem }),
  }));
  await write(Buffer.from(`${JSON.stringify({ entries: plain, ...(missing.length > 0 && { missing }) })}\n`));
}

async function cat(files: IpfsFiles, command: Command): Promise<void> {
  const { at, stat } = await find(files, command);
  const tell = (note: string): void => void process.stderr.write(`${JSON.stringify({ note })}\n`);
  if (stat.whyBytes !== undefined) tell(stat.whyBytes);
  for await (const piece of files.read(at, { ...command.range, tellSizes: tell })) await write(piece);
}

let hasWritten = false;

/** Waits until the reader has taken it: memory stays bounded however slow that is. */
function write(bytes: Uint8Array): Promise<void> {
  hasWritten = true;
  return new Promise((resolve, reject) => {
    process.stdout.write(bytes, (error) => (error ? reject(error) : resolve()));
  });
}

async function main(): Promise<void> {
  const args = process.argv.slice(2);
  if (args.includes('--help')) return void process.stdout.write(USAGE);
  askOnCommandLine();
  process.stdout.on('error', () => undefined); // told by write()
  try {
    const command = parse(args);
    const files = createIpfsFiles(createVerifiedBlocks(blockSources(command.places)));
    await (command.what === 'ls' ? list(files, command) : cat(files, command));
  } catch (error) {
    process.exitCode = 1;
    if (error instanceof Error && 'code' in error && error.code === 'EPIPE') return; // its reader has had enough
    // Behind the first bytes of a file, an error would be taken for more of them.
    const to = args.includes('--json') && !hasWritten ? process.stdout : process.stderr;
    to.write(`${JSON.stringify({ error: toPlainError(error) })}\n`);
  }
}

void main();
