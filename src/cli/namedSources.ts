import { existsSync } from 'node:fs';
import path from 'node:path';
import { DEFAULT_CLUSTER_URL, DEFAULT_DAEMON_URLS, DEFAULT_DATABASE_PATH, DEFAULT_PYTHON } from '../base/settingDefaults';
import { sentences } from '../base/causes';
import { SERVICE_NAME } from '../base/settingTypes';
import { expandHome } from '../base/homePath';
import { IpfsKitError } from '../base/ipfsKitError';
import { parseDaemonUrl } from '../daemonClient/daemonUrl';
import { repositoryProblem } from '../daemonClient/kubo/kuboRepository';
import { parseKuboUrl, parseRpcUrl, parseServiceUrl } from '../daemonClient/rpcUrl';
import { clusterFolder } from '../pinSource/expectedSources';
import type { ChosenSource } from '../pinSource/listedSources';
import type { PinSource } from '../pinSource/pinSource';
import type { SourceKind, SourceParts } from '../pinSource/sourceKind';
import { createSources } from '../pinSource/sourceKinds';
import type { NamedOption } from './arguments';
import { usualRepository } from '../daemonClient/kubo/usualRepository';
import { FLAG, fromHere, fromOption, isUrl, misused, TEXT, TEXTS, TOKENS } from './arguments';

/** The options that select sources, the same for every verb. */
export const SOURCE_OPTIONS = {
  source: TEXTS,
  'all-sources': FLAG,
  database: TEXT,
  daemon: TEXTS,
  python: TEXT,
  kubo: TEXT,
  cluster: TEXT,
  service: TEXTS,
  ...TOKENS,
};
export const TOKEN_FOR = ['source', 'kubo', 'cluster', 'service'];

export const SOURCES = `[--source ID]… [--all-sources] [--database PATH] [--daemon URL]… [--python PATH] [--kubo REPO-or-URL] [--cluster URL]
  [--service NAME=URL]… [--token-file FILE | --token-env NAME]`;
/** What the options that say where a source is mean. */
const PLACES_USAGE = `  --database, --daemon   select ipfs_kit_py with this database and these daemons instead of the default ones; with both, the daemons come first.
                         --python is the Python that reads DuckDB databases; if it is empty, they aren't read.
  --kubo                 selects Kubo by its repository or by the URL of its RPC API; where files is named, also its Files
  --cluster, --service   select IPFS Cluster and pinning services by their URLs; that of a service is the part before /pins
`;
const TOKEN_USAGE =
  'Put a token right after the source that it is for: --service NAME=URL --token-file FILE. HTTPS_PROXY and NO_PROXY are honored.\n';

export const SOURCES_USAGE = `Sources: only the selected ones are used; ipfs_kit_py if none is selected.
${PLACES_USAGE}  --source ID            selects a source at its default location: ipfs_kit_py, kubo and files (the pins and the
                         Files of the Kubo in $IPFS_PATH, else ~/.ipfs), cluster (from its service.json)
  --all-sources          selects every source that is found, and the pinning services of --service
${TOKEN_USAGE}`;

/** For a verb whose arguments are the IDs of its sources. */
export const NAMED_SOURCES_USAGE = `Sources: ipfs_kit_py, kubo, files, cluster, and service:NAME for --service NAME=URL. Each is at its default location unless an option says where it is:
${PLACES_USAGE}${TOKEN_USAGE}`;

/** The source that is used where no option names one. */
const USUAL = 'ipfs_kit_py';
/** The sources that a Kubo has. */
const AT_KUBO: readonly string[] = ['kubo', 'files'];
/** The ids of the sources that each option names. `asked`: those that --source names, which decide what is used of a Kubo; undefined for all sources. */
const NAMES: Readonly<Record<string, (value: string, asked: readonly string[] | undefined) => readonly string[]>> = {
  source: (id) => [id],
  database: () => [USUAL],
  daemon: () => [USUAL],
  kubo: (_, asked = AT_KUBO) => {
    const ids = AT_KUBO.filter((id) => asked.includes(id));
    return ids.length > 0 ? ids : ['kubo'];
  },
  cluster: () => ['cluster'],
  service: (text) => [`service:${serviceIn(text).name}`],
};

/** The selected sources, in the order of the kinds. Throws `invalid-argument`. */
export function chosenSources(
  named: readonly NamedOption[],
  probe: SourceParts['probe'],
  kinds: readonly SourceKind[],
): readonly ChosenSource[] {
  const isAll = named.some(({ name }) => name === 'all-sources');
  const asked = isAll ? undefined : named.filter(({ name }) => name === 'source').map(({ value }) => value);
  const options = named.flatMap((option) => NAMES[option.name]?.(option.value, asked).map((id) => ({ ...option, id })) ?? []);
  const ids = new Set(options.map(({ id }) => id));
  if (ids.size === 0 && !isAll) ids.add(USUAL);
  for (const { name, id, authorization } of options) {
    const other = options.find((each) => each.id === id && each.name !== 'source');
    if (name === 'source' && other && authorization !== undefined)
      throw misused(`Write the token right after --${other.name}, which says where it is sent.`);
  }
  /** Makes sources with the token of source `id`. Two accounts of one service are two sources at one address, so tokens can't be kept by address. */
  const made = (chosen: ReadonlySet<string>, id?: string): readonly PinSource[] => {
    const tokens = options.filter((option) => option.id === id && option.authorization !== undefined);
    if (tokens.length > 1) throw misused('--token-file or --token-env can be given only once for a source.');
    return createSources(
      { ...partsOf(named, chosen, kinds), probe, authorization: () => Promise.resolve(tokens[0]?.authorization) },
      kinds,
    )();
  };

  const all = made(ids);
  for (const id of ids) {
    if (all.some((source) => source.id === id)) continue;
    const noKubo = AT_KUBO.includes(id) ? repositoryProblem(partsOf(named, ids, kinds).repository()) : undefined;
    if (noKubo) throw noKubo;
    const known = made(new Set(kinds.map((kind) => kind.id))).map((source) => source.id);
    throw misused(`No source has that ID, as --source takes it. Use one of ${known.join(', ')}.`);
  }
  const tokenless = all.find(
    ({ id, capabilities }) => !capabilities.token && options.some((each) => each.id === id && each.authorization !== undefined),
  );
  if (tokenless) throw misused(`${tokenless.name} takes no token: leave out --token-file and --token-env.`);
  return all
    .filter(({ id }) => isAll || ids.has(id))
    .flatMap(({ id }) =>
      made(ids, id)
        .filter((source) => source.id === id)
        .map((source) => ({ source, isNamed: ids.has(id) })),
    );
}

/** Whether the output has the format for several sources. --all-sources always has, so that scripts can rely on it. */
export function areSeveral(named: readonly NamedOption[], chosen: readonly ChosenSource[]): boolean {
  return chosen.length > 1 || named.some(({ name }) => name === 'all-sources');
}

/** The same error; where no option names a source, and the usual one isn't found, with the step to name another. */
export function withOtherSources(error: unknown, named: readonly NamedOption[]): unknown {
  if (!IpfsKitError.is(error, 'missing') || named.some(({ name }) => Object.hasOwn(NAMES, name))) return error;
  const step = 'To list another source, name it, for example with --source kubo';
  return new IpfsKitError(error.reason, sentences(error.message, step), { cause: error });
}

/** What the arguments give in place of settings. `chosen`: the ids of sources that are used even if nothing is found of them on this machine. */
function partsOf(
  named: readonly NamedOption[],
  chosen: ReadonlySet<string>,
  kinds: readonly SourceKind[],
): Omit<SourceParts, 'probe' | 'authorization'> {
  const valuesOf = (of: string): readonly string[] => named.filter(({ name }) => name === of).map(({ value }) => value);
  const [[database], [python = DEFAULT_PYTHON], [kubo], [cluster]] = [
    valuesOf('database'),
    valuesOf('python'),
    valuesOf('kubo'),
    valuesOf('cluster'),
  ];
  const daemons = valuesOf('daemon');
  for (const daemon of daemons) fromOption('daemon', () => parseDaemonUrl(daemon)); // throws: an invalid URL is a mistake in the arguments, not a daemon that isn't running
  const isUsual = database === undefined && daemons.length === 0;
  const databasePath = database === undefined ? expandHome(DEFAULT_DATABASE_PATH) : fromHere(database, '--database');
  const services = valuesOf('service').map(serviceIn);
  const twice = services.find(({ name }, at) => services.findIndex((other) => other.name === name) < at);
  if (twice) throw misused('Each --service needs its own name.');

  const isFolder = kubo !== undefined && !isUrl(kubo);
  const repository = isFolder ? fromHere(kubo, '--kubo') : usualRepository((set) => fromHere(set, 'IPFS_PATH'));
  const pythonPath = /[/\\@]/.test(python) ? fromHere(python, '--python') : python; // a bare name is searched for in PATH
  const isClusterHere = existsSync(path.join(clusterFolder(), 'service.json'));
  const settings = {
    wanted: kinds.map(({ id }) => id),
    kuboUrl: kubo === undefined || isFolder ? undefined : fromOption('kubo', () => parseKuboUrl(kubo)),
    indirect: false,
    kuboCommand: [],
    clusterUrl:
      cluster !== undefined
        ? fromOption('cluster', () => parseRpcUrl(cluster))
        : chosen.has('cluster') && !isClusterHere
          ? DEFAULT_CLUSTER_URL
          : undefined,
    services,
  };
  return {
    settings: () => settings,
    repository: () => repository,
    isRepositorySet: () => AT_KUBO.some((id) => chosen.has(id)),
    ways: () => ({ environment: process.env }),
    listing: () => ({
      ...((isUsual || daemons.length > 0) && { daemonUrls: isUsual ? DEFAULT_DAEMON_URLS : daemons }),
      ...((isUsual || database !== undefined) && { databasePath }),
      pythonPath: pythonPath === '' ? undefined : pythonPath,
    }),
  };
}

function serviceIn(text: string): { readonly name: string; readonly url: string } {
  const at = text.indexOf('=');
  const name = text.slice(0, Math.max(at, 0));
  // The name is repeated in messages. A URL that is typed in its place may have a password.
  if (!SERVICE_NAME.test(name))
    throw misused(
      'Write a pinning service like --service NAME=https://example.com. A name has 1 to 40 ASCII letters, digits, dots, hyphens, underscores and spaces.',
    );
  return { name, url: fromOption('service', () => parseServiceUrl(text.slice(at + 1))) };
}
