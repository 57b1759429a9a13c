/** `npm run ls` and `npm run cat`: the VFS bridge without VS Code. What is written has been compared with its CID. */
import path from 'node:path';
import { parseArgs } from 'node:util';
import { parseRpcUrl } from './daemonClient/rpcUrl';
import { DEFAULT_REPOSITORY } from './defaults';
import { expandHome } from './homePath';
import { IpfsKitError, toPlainError } from './ipfsKitError';
import type { IpfsEntry, IpfsFiles, Range } from './vfs/ipfsFiles';
import { createIpfsFiles } from './vfs/ipfsFiles';
import type { IpfsPath } from './vfs/ipfsPath';
import { parseIpfsPath } from './vfs/ipfsPath';
import type { MissingPart } from './vfs/unixfsFolder';
import { blockSources } from './vfs/sources';
import { createVerifiedBlocks } from './vfs/verifiedBlocks';

const PATIENCE = { ms: 4000, renewed: true } as const;

const USAGE = `npm run --silent ls -- CID[/PATH] [--repo DIR] [--gateway URL]…
npm run --silent cat -- CID[/PATH] [--offset N] [--length N] [--repo DIR] [--gateway URL]…

Blocks are looked for in the Kubo repository (default: IPFS_PATH, else ~/.ipfs), at its daemon if one runs, then at the gateways.
Every block is compared with its CID. ls prints {"entries":[{"name","type","size","cid"}]}; the type of what doesn't come within ${PATIENCE.ms / 1000} s is "unknown", and "missing":[{"cid","reason","message"}] is
what a folder lacks. cat writes the bytes, of dag-cbor and dag-json as JSON.
On failure both print {"error":{"reason","message"}} to the standard error and end with status 1.
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
  const options = { repo: text, gateway: { ...text, multiple: true }, offset: text, length: text } as const;
  let parsed;
  try {
    parsed = parseArgs({ args, options, allowPositionals: true });
  } catch (error) {
    throw new IpfsKitError('invalid-argument', `${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
  }
  const { values, positionals } = parsed;
  const [target, ...others] = positionals;
  if (target === undefined || others.length > 0) throw new IpfsKitError('invalid-argument', `One CID is wanted.\n\n${USAGE}`);
  const [offset, length] = [wholeNumber('offset', values.offset), wholeNumber('length', values.length)];
  if (what === 'ls' && (offset ?? length) !== undefined)
    throw new IpfsKitError('invalid-argument', `--offset and --length are for cat.\n\n${USAGE}`);
  const repository = values.repo ?? process.env['IPFS_PATH'];
  return {
    what,
    at: parseIpfsPath(target),
    range: { ...(offset !== undefined && { offset }), ...(length !== undefined && { length }) },
    repository: repository === undefined || repository === '' ? expandHome(DEFAULT_REPOSITORY) : fromHere(repository),
    gateways: (values.gateway ?? []).map((url) => parseRpcUrl(url, 'gateway')),
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
  const missing: MissingPart[] = [];
  const done = new AbortController();
  if (stat.type !== 'directory') entries.push(stat);
  else
    for (let more = true; more;) {
      const without = missing.map(({ cid }) => cid);
      const page = await files.list(at, { offset: entries.length, limit: PAGE, without, patience: PATIENCE }, done.signal);
      entries.push(...page.entries);
      missing.push(...page.missing);
      more = page.more;
    }
  done.abort(); // what has not come is looked for no longer
  const plain = entries.map(({ name, type, sizeBytes, cid, problem }) => ({
    name,
    type,
    ...(sizeBytes !== undefined && { size: sizeBytes }),
    cid,
    ...(problem && { problem }),
  }));
  await write(Buffer.from(`${JSON.stringify({ entries: plain, ...(missing.length > 0 && { missing }) })}\n`));
}

async function cat(files: IpfsFiles, at: IpfsPath, range: Range): Promise<void> {
  for await (const piece of files.read(at, range)) await write(piece);
}

/** Waits until the reader has taken it: memory stays bounded however slow that is. */
function write(bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(bytes, (error) => (error ? reject(error) : resolve()));
  });
}

async function main(): Promise<void> {
  const args = process.argv.slice(2);
  if (args.includes('--help')) return void process.stdout.write(USAGE);
  process.stdout.on('error', () => undefined); // told by write()
  try {
    const { what, at, range, repository, gateways } = parse(args);
    const files = createIpfsFiles(createVerifiedBlocks(blockSources({ repository, gateways })));
    await (what === 'ls' ? list(files, at) : cat(files, at, range));
  } catch (error) {
    process.exitCode = 1;
    if (error instanceof Error && 'code' in error && error.code === 'EPIPE') return; // its reader has had enough
    process.stderr.write(`${JSON.stringify({ error: toPlainError(error) })}\n`);
  }
}

void main();
