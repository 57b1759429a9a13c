import path from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { withCommas } from '../base/withCommas';
import type { GroupKey, PinQuery, SortKey } from '../pin/pinQuery';
import { checkQuery, GROUP_KEYS, MAX_PAGE, SORT_KEYS } from '../pin/pinQuery';
import { needsStatuses } from '../pin/statusFilter';
import type { PinList } from '../pinSource/listPins';
import { pageOfListing } from '../pinSource/listPins';
import type { OpenOptions, PinSource } from '../pinSource/pinSource';
import type { SourceKind } from '../pinSource/sourceKind';
import { SOURCE_KINDS } from '../pinSource/sourceKinds';
import { createPinWorkerHandle } from '../pinWorker/pinWorkerHandle';
import { explained } from './explain';
import { areSeveral, chosenSources, SOURCE_OPTIONS, SOURCES, SOURCES_USAGE, TOKEN_FOR } from './namedSources';
import { FLAG, misused, parseVerb, TEXT, wholeNumber } from './options';
import type { Format, PrintedList } from './printPins';
import { printPins } from './printPins';
import { joinedList } from './severalSources';
import type { Verb } from './verb';
import { slice, walkPins } from './walkPins';

const USAGE = `ipfs-kit pins ${SOURCES}
  [--filter TEXT] [--sort KEY] [--group KEY] [--offset N] [--limit N|all] [--json | --ndjson] [--explain]

${SOURCES_USAGE}
Sort: ${SORT_KEYS.filter((key) => !key.startsWith('-')).join(', ')}, each with a leading - for descending. Group: ${GROUP_KEYS.join(', ')}.
--limit defaults to 200, at most ${withCommas(MAX_PAGE)}; "all" prints every pin as the list is read, in bounded memory.

Output is JSON; --json prints it on one line, --ndjson one pin per line and nothing else; --explain adds timings and the loaded modules.
One source: {"source","location","detail","freshness","asOf","daemon"?,"incomplete"?,"notes"?,"total","groups"?,"pins":[…]}
Several: {"sources":[{"id","name","state","total"?,"freshness"?,"incomplete"?,"error"?}],"total","groups"?,"pins":[{…,"source","sources":[ids],"copies"}]}
  Source after source, unless sorted; content that several sources pin is listed for each. Pins are compared by the hash in their CIDs.
  If the pins of a source are unknown, "copiesAtLeast" and "unknownSources":[ids] replace "copies".
On failure prints {"error":{"reason","message"}}, with several sources only if none could be listed; the exit status is 1.
`;

const OPTIONS = {
  ...SOURCE_OPTIONS,
  filter: TEXT,
  sort: TEXT,
  group: TEXT,
  offset: TEXT,
  limit: TEXT,
  json: FLAG,
  ndjson: FLAG,
  explain: FLAG,
};

/** Pins only pass through the worker: little room for young objects keeps the process small, at no measured cost in time. */
const YOUNG_MB = 16;

/**
 * How much WebAssembly code (bytes) a function of SQLite executes before V8 optimizes it. With 1,800,000, the default of Node 20 (V8's flag-definitions.h), V8
 * spends 90 ms of processor time during the first page, competing with the thread that reads it. The flag applies to the whole process, so an editor doesn't
 * set it. docs/performance.md has the measurements.
 */
const TIERING_BUDGET = 400_000_000;

type Options = Pick<OpenOptions, 'worker' | 'signal' | 'onReceived'>;

/** The verb `pins` for these kinds of sources. */
export function pinsVerb(kinds: readonly SourceKind[]): Verb {
  return {
    usage: USAGE,
    run: async (args, { output, signal, dist }) => {
      const { values, positionals, named } = parseVerb(joinNegative(args), OPTIONS, {
        tokenFor: TOKEN_FOR,
        mayBeEmpty: ['filter', 'python'],
      });
      if (positionals.length > 0) throw misused('pins accepts only options.');
      if (values.json && values.ndjson) throw misused('Use either --json or --ndjson.');
      const limit = values.limit === 'all' ? 'all' : wholeNumber('limit', values.limit);
      const query = checkQuery({
        filter: values.filter,
        sort: values.sort as SortKey | undefined, // checkQuery rejects other values
        group: values.group as GroupKey | undefined,
        offset: wholeNumber('offset', values.offset) ?? 0,
        ...(typeof limit === 'number' && { limit }),
      });

      setFlagsFromString(`--wasm-tiering-budget=${TIERING_BUDGET}`);
      const bare = createPinWorkerHandle({
        file: path.join(dist, 'pinWorker.js'),
        wasmFile: path.join(dist, 'sql-wasm.wasm'),
        youngMb: YOUNG_MB,
      });
      const { worker, probe, tail } = explained(bare, dist);
      worker.start();
      const options: Options = { worker, signal, onReceived: (bytes) => output.progress(`${withCommas(bytes)} bytes…`) };
      const format: Format = values.ndjson ? 'ndjson' : values.json ? 'json' : 'pretty';
      const behind = values.explain && { tail };
      try {
        const chosen = chosenSources(named, (urls, stop) => probe(urls, { signal: stop }), kinds);
        const [one] = chosen;
        if (!one || areSeveral(named, chosen)) {
          const { pins, failure, ...head } = await joinedList(chosen, query, limit === 'all' ? Infinity : query.limit, options);
          if (failure) {
            await output.write(`${JSON.stringify({ error: failure, ...head })}\n`);
            return 1;
          }
          if (format === 'ndjson')
            for (const { name, error, incomplete } of head.sources)
              if (error ?? incomplete) output.note(`${name}: ${error?.message ?? 'the list is incomplete.'}`);
          return await printPins(output, format, { head, pins, ...behind });
        }
        const list = await listOf(one.source, query, limit === 'all', options);
        if (format === 'ndjson') for (const note of list.notes) output.note(note);
        return await printPins(output, format, { ...list, ...behind });
      } finally {
        await worker.dispose();
      }
    },
  };
}

export const verb = pinsVerb(SOURCE_KINDS);

/** One page of a query; with `all`, every pin from its offset on, read while they are printed. */
async function listOf(
  source: PinSource,
  query: PinQuery,
  all: boolean,
  options: Options,
): Promise<Pick<PrintedList, 'head' | 'pins'> & { readonly notes: readonly string[] }> {
  const listing = await source.open({ ...options, statuses: needsStatuses(query) });
  const { pins, ...head }: PinList = await pageOfListing(all ? { ...query, offset: 0, limit: 0 } : query, listing, options);
  const walked = slice(walkPins(listing.opened.table, query, options), query.offset ?? 0, Infinity);
  return { head, pins: all ? walked : once(pins), notes: listing.notes };
}

// eslint-disable-next-line @typescript-eslint/require-await -- gives a list that is complete already the form of one that is being read
async function* once<T>(stretch: readonly T[]): AsyncGenerator<readonly T[]> {
  yield stretch;
}

/** Turns `--sort -time` into `--sort=-time`, because parseArgs takes a value that begins with a minus for an option. */
function joinNegative(args: readonly string[]): string[] {
  const joined: string[] = [];
  for (const arg of args) {
    if (joined.at(-1) === '--sort' && arg.startsWith('-')) joined.splice(-1, 1, `--sort=${arg}`);
    else joined.push(arg);
  }
  return joined;
}
