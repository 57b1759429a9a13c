/** `npm run ls` and `npm run cat`: the VFS bridge without VS Code. What is written has been compared with its CID. */
import path from 'node:path';
import { askOnCommandLine } from './asker';
import { misused, parseOptions } from './commandLine';
import { parseGatewayUrl } from './daemonClient/rpcUrl';
import { DEFAULT_REPOSITORY } from './defaults';
import { expandHome } from './homePath';
import { IpfsKitError, toPlainError } from './ipfsKitError';
import type { IpfsEntry, IpfsFiles, Range } from './vfs/ipfsFiles';
import { createIpfsFiles } from './vfs/ipfsFiles';
import type { IpfsPath } from './vfs/ipfsPath';
import { parseIpfsPath } from './vfs/ipfsPath';
import { blockSources } from './vfs/sources';
import { createVerifiedBlocks } from './vfs/verifiedBlocks';

const USAGE = `npm run --silent ls -- CID[/PATH] [--repo DIR] [--gateway URL]… [--json]
npm run --silent cat -- CID[/PATH] [--offset N] [--length N] [--repo DIR] [--gateway URL]… [--json]

Blocks are looked for in the Kubo repository (default: IPFS_PATH, else ~/.ipfs), at its daemon if one runs, then at the gateways.
Every block is compared with its CID. ls prints {"entries":[{"name","type","size","cid"}]}; cat writes the bytes, of dag-cbor and dag-json as JSON.
On failure both print {"error":{"reason","message"}} to the standard error, with --json to the standard output, and end with status 1.
`;

interface Command {
  readonly what: string;
  readonly at: IpfsPath;
  readonly range: Range;
  readonly repository: string;
  readonly gateways: readonly string[];
}

const PAGE = 1000;

function parse([what = '', ...args]: readonly string[]): Command {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  const options = { repo: text, gateway: { ...text, multiple: true }, offset: text, length: text, json: flag } as const;
  const { values, positionals } = parseOptions({ args, options, allowPositionals: true });
  const [target, ...others] = positionals;
  if (target === undefined || others.length > 0) throw misused('Name one CID.');
  const [offset, length] = [wholeNumber('offset', values.offset), wholeNumber('length', values.length)];
  if (what === 'ls' && (offset ?? length) !== undefined) throw misused('Only cat takes --offset and --length.');
  const repository = values.repo ?? process.env['IPFS_PATH'];
  return {
    what,
    at: parseIpfsPath(target),
    range: { ...(offset !== undefined && { offset }), ...(length !== undefined && { length }) },
    repository: repository === undefined || repository === '' ? expandHome(DEFAULT_REPOSITORY) : fromHere(repository),
    gateways: (values.gateway ?? []).map(parseGatewayUrl),
  };
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

async function list(files: IpfsFiles, at: IpfsPath): Promise<void> {
  const stat = await files.stat(at);
  const entries: IpfsEntry[] = [];
  if (stat.type !== 'directory') entries.push(stat);
  else
    for (let more = true; more;) {
      const page = await files.list(at, { offset: entries.length, limit: PAGE });
      entries.push(...page.entries);
      more = page.more;
    }
  const plain = entries.map(({ name, type, sizeBytes, cid }) => ({
    name,
    type,
    ...(sizeBytes !== undefined && { size: sizeBytes }),
    cid,
  }));
  await write(Buffer.from(`${JSON.stringify({ entries: plain })}\n`));
}

async function cat(files: IpfsFiles, at: IpfsPath, range: Range): Promise<void> {
  for await (const piece of files.read(at, range)) await write(piece);
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
    const { what, at, range, repository, gateways } = parse(args);
    const files = createIpfsFiles(createVerifiedBlocks(blockSources({ repository, gateways })));
    await (what === 'ls' ? list(files, at) : cat(files, at, range));
  } catch (error) {
    process.exitCode = 1;
    if (error instanceof Error && 'code' in error && error.code === 'EPIPE') return; // its reader has had enough
    // Behind the first bytes of a file, an error would be taken for more of them.
    const to = args.includes('--json') && !hasWritten ? process.stdout : process.stderr;
    to.write(`${JSON.stringify({ error: toPlainError(error) })}\n`);
  }
}

void main();
