/** `npm run pins`: the engine of the extension without VS Code, for scripts, benchmarks and bug reports. Prints JSON. */
import path from 'node:path';
import { askOnCommandLine } from '../base/asker';
import { parseOptions } from '../base/commandLine';
import { parseDaemonUrl } from '../daemonClient/daemonUrl';
import { probe } from '../daemonClient/ipfsKit/probe';
import { DEFAULT_DAEMON_URLS, DEFAULT_DATABASE_PATH, DEFAULT_PYTHON } from '../base/defaults';
import { expandHome } from '../base/homePath';
import { toPlainError } from '../base/ipfsKitError';
import { ipfsKitSource } from '../pinSource/ipfsKitSource';
import { listPins } from '../pinSource/listPins';
import { createPinWorkerHandle } from '../pinWorker/pinWorkerHandle';
import type { GroupKey, PinQuery, SortKey } from '../pin/pinQuery';

const USAGE = `npm run --silent pins -- [--database PATH] [--daemon URL]… [--python PATH] [--filter TEXT] [--sort KEY] [--group KEY] [--offset N] [--limit N] [--json] [--explain]

Naming a database asks that alone, naming daemons those alone; naming both asks the daemons first; naming none takes the defaults.
The bundled sample is never shown here. --python names the Python that reads DuckDB databases; empty, they are not read.
Sort: name, time, size, each with a leading - for descending. Group: type, status, tier, backend, month, folder.
The answer is always JSON; --json prints it on one line; --explain adds timings and the loaded modules.
On failure it is {"error":{"reason","message"}}, and the status 1.
`;

interface Command {
  readonly query: PinQuery;
  readonly daemonUrls?: readonly string[];
  readonly databasePath?: string;
  readonly pythonPath: string | undefined;
  readonly oneLine: boolean;
  readonly explain: boolean;
}

function parse(args: readonly string[]): Command {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  const options = {
    database: text,
    daemon: { ...text, multiple: true },
    python: text,
    filter: text,
    sort: text,
    group: text,
    offset: text,
    limit: text,
    json: flag,
    explain: flag,
  } as const;
  const { values } = parseOptions({ args: joinNegative(args), options });
  const { database, daemon, python = DEFAULT_PYTHON, filter, sort, group, offset, limit } = values;
  const nothingNamed = database === undefined && daemon === undefined;
  const daemonUrls = nothingNamed ? DEFAULT_DAEMON_URLS : daemon;
  daemonUrls?.forEach(parseDaemonUrl); // one that is none is the caller's mistake, and no daemon that is not running
  // npm runs scripts in the package's folder; INIT_CWD is where the person stands.
  const fromHere = (file: string): string =>
    file.startsWith('~') ? expandHome(file) : path.resolve(process.env['INIT_CWD'] ?? '.', file);
  const databasePath = nothingNamed ? expandHome(DEFAULT_DATABASE_PATH) : database && fromHere(database);
  return {
    query: {
      ...(filter !== undefined && { filter }),
      ...(sort !== undefined && { sort: sort as SortKey }), // checkQuery refuses any other
      ...(group !== undefined && { group: group as GroupKey }),
      ...(offset !== undefined && { offset: Number(offset) }),
      ...(limit !== undefined && { limit: Number(limit) }),
    },
    ...(daemonUrls && { daemonUrls }),
    ...(databasePath !== undefined && { databasePath }),
    pythonPath: python === '' ? undefined : /[/\\]/.test(python) ? fromHere(python) : python,
    oneLine: values.json ?? false,
    explain: values.explain ?? false,
  };
}

/** `--sort -time` as `--sort=-time`: parseArgs takes a value that begins with a minus for an option. */
function joinNegative(args: readonly string[]): string[] {
  const joined: string[] = [];
  for (const arg of args) {
    if (joined.at(-1) === '--sort' && arg.startsWith('-')) joined.splice(-1, 1, `--sort=${arg}`);
    else joined.push(arg);
  }
  return joined;
}

async function main(): Promise<void> {
  if (process.argv.includes('--help')) return void process.stdout.write(USAGE);
  askOnCommandLine();
  const started = performance.now();
  const timings: Record<string, number> = { main: Math.round(started * 10) / 10 };
  const mark = (name: string): void => {
    timings[name] = Math.round(performance.now() * 10) / 10;
  };
  const dist = path.join(__dirname, '..');
  const worker = createPinWorkerHandle({ file: path.join(dist, 'pinWorker.js'), wasmFile: path.join(dist, 'sql-wasm.wasm') });
  let oneLine = process.argv.includes('--json');
  const print = (answer: unknown): void => {
    process.stdout.write(`${JSON.stringify(answer, undefined, oneLine ? undefined : 2)}\n`);
  };
  try {
    const command = parse(process.argv.slice(2));
    oneLine = command.oneLine;
    const timed: typeof worker = {
      ...worker,
      request: async (operation, params, options) => {
        const answer = await worker.request(operation, params, options);
        mark(operation);
        return answer;
      },
    };
    const probed: typeof probe = async (urls, options) => {
      const answer = await probe(urls, options);
      mark('probe');
      return answer;
    };
    const source = ipfsKitSource({ probe: (urls, signal) => probed(urls, signal && { signal }), sources: () => command });
    const list = await listPins(command.query, source, { worker: timed });
    const inspected = command.explain && (await worker.request('inspect', undefined));
    const short = (files: readonly string[]): string[] => files.map((file) => path.relative(dist, file));
    print({
      ...list,
      ...(inspected && {
        explain: { timingsMs: timings, loaded: { main: short(Object.keys(require.cache)), worker: short(inspected.loaded) } },
      }),
    });
  } catch (error) {
    print({ error: toPlainError(error) });
    process.exitCode = 1;
  } finally {
    await worker.dispose();
  }
}

void main();
