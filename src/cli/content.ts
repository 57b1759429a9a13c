/** What `ls` and `cat` have in common: they take a CID, look for its blocks in the same sources, and find the content at its path. */
import { IpfsKitError } from '../base/ipfsKitError';
import type { SavedToken } from '../daemonClient/tokenCache';
import { kuboAccess } from '../daemonClient/kubo/kuboRepository';
import { parseGatewayUrl, parseKuboUrl } from '../daemonClient/rpcUrl';
import type { Way } from '../daemonClient/proxyAndCertificate';
import { wayTo } from '../daemonClient/proxyAndCertificate';
import type { IpfsFiles } from '../vfs/ipfsFiles';
import { createIpfsFiles } from '../vfs/ipfsFiles';
import type { IpfsPath } from '../vfs/ipfsPath';
import { formatIpfsPath, parseIpfsPath } from '../vfs/ipfsPath';
import type { Found } from '../vfs/openablePath';
import { findContent } from '../vfs/openablePath';
import type { ContentSources } from '../vfs/blockSources';
import { blockSources } from '../vfs/blockSources';
import { createVerifiedBlocks } from '../vfs/verifiedBlocks';
import type { NamedOption } from './arguments';
import { usualRepository } from '../daemonClient/kubo/usualRepository';
import { FLAG, fromHere, fromOption, isUrl, misused, parseVerb, TEXT, TEXTS, TOKENS } from './arguments';

export const BLOCK_USAGE = `Blocks are read from the Kubo repository (default: $IPFS_PATH, else ~/.ipfs), its daemon if it is running, the Kubo of --kubo, then the gateways.
Put --token-file or --token-env right after the --repo or --kubo that the token is for. HTTPS_PROXY and NO_PROXY are honored.
Every block is checked against its CID. Symbolic links are followed while they stay below the CID.
`;
export const BLOCK_OPTIONS = '[--repo DIR] [--kubo REPO-or-URL] [--token-file FILE | --token-env NAME] [--gateway URL]…';

const OPTIONS = { repo: TEXT, kubo: TEXT, gateway: TEXTS, offset: TEXT, length: TEXT, json: FLAG, ...TOKENS };

export interface ContentCall {
  readonly offset: string | undefined;
  readonly length: string | undefined;
  readonly files: IpfsFiles;
  /** Finds the content at the path of the arguments. */
  readonly find: (signal: AbortSignal) => Promise<Found & { readonly asked: IpfsPath }>;
}

export function parseContentCall(args: readonly string[]): ContentCall {
  const { values, positionals, named } = parseVerb(args, OPTIONS, { tokenFor: ['repo', 'kubo'] });
  const [target, ...others] = positionals;
  if (target === undefined || others.length > 0) throw misused('Specify one CID.');
  const at = parseIpfsPath(target);
  const files = createIpfsFiles(createVerifiedBlocks(blockSources(sourcesOf(named))));
  const { offset, length } = values;
  return { offset, length, files, find: (signal) => find(files, at, literalPath(target), signal) };
}

/** The path with `?…` taken as part of the last name and not as a gateway's query. */
function literalPath(text: string): IpfsPath | undefined {
  try {
    return parseIpfsPath(text, { isLiteral: true });
  } catch {
    return undefined; // a CID with a query
  }
}

/** The content at the literal path, which is how Kubo reads it; if there is none, at the path without the query. */
async function find(
  files: IpfsFiles,
  at: IpfsPath,
  literal: IpfsPath | undefined,
  signal: AbortSignal,
): Promise<Found & { readonly asked: IpfsPath }> {
  try {
    if (literal && formatIpfsPath(literal) !== formatIpfsPath(at))
      return { ...(await findContent(files, literal, signal)), asked: literal };
  } catch (error) {
    if (!IpfsKitError.is(error, 'no-entry', 'not-a-folder')) throw error;
  }
  return { ...(await findContent(files, at, signal)), asked: at };
}

function sourcesOf(named: readonly NamedOption[]): ContentSources {
  const kubo = named.find(({ name }) => name === 'kubo');
  const isAddress = kubo !== undefined && isUrl(kubo.value);
  const repo = named.find(({ name }) => name === 'repo') ?? (isAddress ? undefined : kubo);
  if (kubo && !isAddress && repo !== kubo) throw misused('With --repo, --kubo must be the URL of another Kubo.');
  const folder = repo ? fromHere(repo.value, `--${repo.name}`) : usualRepository((set) => fromHere(set, 'IPFS_PATH'));
  const kuboUrl = isAddress ? fromOption('kubo', () => parseKuboUrl(kubo.value)) : undefined;
  const gateways = named
    .filter(({ name }) => name === 'gateway')
    .map(({ name, value }) => fromOption(name, () => parseGatewayUrl(value)));
  const ways = [kuboUrl, ...gateways].flatMap((url): [string, Way][] => {
    const way = url === undefined ? undefined : wayTo(url, { environment: process.env });
    return url === undefined || way === undefined ? [] : [[url, way]];
  });
  const authorizations: Record<string, SavedToken> = {};
  const daemon = repo?.authorization === undefined ? undefined : kuboAccess(folder);
  if (daemon) authorizations[daemon.socketPath ?? daemon.url] = { authorization: repo?.authorization };
  if (kuboUrl !== undefined && kubo?.authorization !== undefined) authorizations[kuboUrl] = { authorization: kubo.authorization };
  return { repository: folder, kuboUrl, gateways, authorizations, ways: Object.fromEntries(ways) };
}
