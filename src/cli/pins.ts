import path from 'node:path';
import { because } from '../base/causes';
import { withCommas } from '../base/withCommas';
import type { GroupKey, PinQuery, SortKey } from '../pin/pinQuery';
import { checkQuery, GROUP_KEYS, MAX_PAGE, SORT_KEYS } from '../pin/pinQuery';
import type { Pin } from '../pin/pin';
import { STRETCH } from '../pin/pinWalk';
import { needsStatuses } from '../pin/filterWords';
import type { PinList } from '../pinSource/listPins';
import { pageOfListing, withNotes, withOtherSets } from '../pinSource/listPins';
import type { AskSizesOptions, OpenOptions, PinSource } from '../pinSource/pinSource';
import { sizesForOrder } from '../pinSource/sizesForOrder';
import type { SourceKind } from '../pinSource/sourceKind';
import { SOURCE_KINDS } from '../pinSource/sourceKinds';
import { createPinWorkerHandle } from '../pinWorker/pinWorkerHandle';
import { explained } from './explain';
import { jsonText } from './jsonText';
import { areSeveral, chosenSources, SOURCE_OPTIONS, SOURCES, SOURCES_USAGE, TOKEN_FOR, withOtherSources } from './namedSources';
import { FLAG, fromOption, misused, parseVerb, TEXT, wholeNumber } from './arguments';
import type { Format } from './printPins';
import { printPins } from './printPins';
import { joinedList } from '../pinSource/joinedList';
import type { Verb } from './verb';
import { slice, walkPins } from '../pinSource/walkPins';

const USAGE = `ipfs-kit pins ${SOURCES}
  [--filter TEXT] [--sort KEY] [--group KEY] [--offset N] [--limit N|all] [--json | --ndjson] [--explain]

${SOURCES_USAGE}
Filter: part of a name, a CID or a VFS path, and words, of which a pin must fit all; a leading - excludes:
  status:failed  expires:<7d  expires:never  replicas:<min  meta.KEY  meta.KEY=VALUE; with several sources also  in:kubo  copies:1  copies:>=2
  Quote words with < or >, as in --filter 'expires:<7d'.
Sort: ${SORT_KEYS.filter((key) => !key.startsWith('-')).join(', ')}, each with a leading - for descending. Group: ${GROUP_KEYS.join(', ')}.
copies and source need several sources. --limit defaults to 200, at most ${withCommas(MAX_PAGE)}; "all" prints every pin as the list is read, in
bounded memory.

Output is JSON; --json prints it on one line, --ndjson one pin per line and nothing else; --explain adds timings and the loaded modules.
One source: {"source","location","detail","freshness","asOf","daemon"?,"incomplete"?,"notes"?,"otherSets"?,"total","groups"?,"pins":[…]}
Several: {"total","groups"?,"uncertainSources"?,"pins":[{…,"source","sources":[ids],"copies"}],"sources":[{"id","name","state","total"?,"freshness"?,"incomplete"?,"error"?,"notes"?}]}
  Source after source, unless sorted; content that several sources list is listed for each. Pins are compared by codec and hash of their CIDs.
  A pin that failed or waits is no copy; Kubo and its Files together are one. If the pins or statuses of a source are unknown, "copiesAtLeast" and "unknownSources":[ids] replace "copies",
  and "uncertainSources":[ids] says that the total, the order or the groups depend on it.
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
 * spends 90 ms of processor time during the first page, competing with the thread that reads it. It is almost the largest number that the flag holds. The
 * flag applies to the whole process, so an editor doesn't set it. docs/performance.md has the measurements.
 */
const TIERING_BUDGET = 2_000_000_000;

const LIMIT = { most: MAX_PAGE, range: `a whole number of 0 or more (${withCommas(MAX_PAGE)} at most), or all` };

type Options = Pick<OpenOptions, 'worker' | 'signal' | 'onReceived'> & Pick<AskSizesOptions, 'onAsked'>;

/** The verb `pins` for these kinds of sources. `silenceMs`: see PinWorkerOptions. */
export function pinsVerb(kinds: readonly SourceKind[], silenceMs?: number): Verb {
  return {
    usage: USAGE,
    run: async (args, { output, signal, dist }) => {
      const { values, positionals, named } = parseVerb(args, OPTIONS, {
        tokenFor: TOKEN_FOR,
        mayBeEmpty: ['filter', 'python'],
      });
      if (positionals.length > 0) throw misused('pins accepts only options.');
      if (values.json && values.ndjson) throw misused('Use either --json or --ndjson.');
      const limit = values.limit === 'all' ? 'all' : wholeNumber('limit', values.limit, LIMIT);
      const parts = {
        filter: values.filter,
        sort: values.sort as SortKey | undefined, // checkQuery rejects other values
        group: values.group as GroupKey | undefined,
        offset: wholeNumber('offset', values.offset) ?? 0,
        ...(typeof limit === 'number' && { limit }),
      };
      for (const [name, value] of Object.entries(parts)) fromOption(name, () => checkQuery({ [name]: value }));
      const query = checkQuery(parts);

      const bare = createPinWorkerHandle({
        file: path.join(dist, 'pinWorker.js'),
        wasmFile: path.join(dist, 'sql-wasm.wasm'),
        youngMb: YOUNG_MB,
        wasmTieringBudget: TIERING_BUDGET,
        silenceMs,
      });
      const { worker, probe, tail } = explained(bare, dist);
      if (hasCurrentFolder()) worker.start();
      const options: Options = {
        worker,
        signal,
        onReceived: (bytes) => output.progress(`${withCommas(bytes)} bytes…`),
        onAsked: (pins) => output.progress(`sizes of ${withCommas(pins)} pins…`),
      };
      const format: Format = values.ndjson ? 'ndjson' : values.json ? 'json' : 'pretty';
      const behind = values.explain && { tail };
      try {
        const chosen = chosenSources(named, (urls, stop) => probe(urls, { signal: stop }), kinds);
        if (!hasCurrentFolder()) process.chdir(path.parse(process.execPath).root); // all paths are absolute by now
        const [one] = chosen;
        if (!one || areSeveral(named, chosen)) {
          const most = limit === 'all' ? Infinity : query.limit;
          const { pins, failure, sources, head } = await joinedList(chosen, query, most, options);
          if (failure) {
            await output.write(`${jsonText({ error: failure, sources: sources(), ...head })}\n`);
            return 1;
          }
          const all = async (): Promise<object> => ({ sources: sources(), ...(values.explain && (await tail())) });
          const status = await printPins(output, format, { head, lists: { pins }, tail: all, signal });
          if (format === 'ndjson')
            for (const { name, error, notes = [] } of sources())
              for (const note of [...(error ? [error.message] : []), ...notes]) output.note(because(name, note));
          return status;
        }
        const list = await listOf(one.source, query, limit === 'all', options).catch((error: unknown) => {
          throw withOtherSources(error, named);
        });
        if (format === 'ndjson') for (const note of list.head.notes ?? []) output.note(note);
        return await printPins(output, format, { head: list.head, lists: { pins: list.pins }, ...behind, signal });
      } finally {
        await worker.dispose();
      }
    },
  };
}

export const verb = pinsVerb(SOURCE_KINDS);

/** False where the current folder has been deleted: no thread starts in such a folder. */
function hasCurrentFolder(): boolean {
  try {
    return process.cwd() !== '';
  } catch {
    return false;
  }
}

/** The pins of a query; with `all`, every pin from its offset on. Read a stretch at a time while they are printed, because texts may be long. */
async function listOf(
  source: PinSource,
  query: Required<Pick<PinQuery, 'offset' | 'limit'>> & PinQuery,
  all: boolean,
  options: Options,
): Promise<{ readonly head: Omit<PinList, 'pins'>; readonly pins: AsyncIterable<readonly Pin[]> }> {
  const listing = await source.open({ ...options, statuses: needsStatuses(query) });
  const { table } = listing.opened;
  const notes = await sizesForOrder(query, source, listing, options);
  const page = await pageOfListing(
    { ...query, limit: all ? 0 : Math.min(query.limit, STRETCH) },
    withNotes(listing, notes),
    options,
  );
  const { pins, ...head } = withOtherSets(page, await source.otherSets?.(listing, options));
  if (all) return { head, pins: slice(walkPins(table, query, options), query.offset, Infinity) };
  const rest = { ...query, offset: query.offset + STRETCH, limit: Math.min(query.limit, head.total - query.offset) - STRETCH };
  return { head, pins: pagesAfter(pins, table, rest, options) };
}

/** The first pins, then the other pages of a query. */
async function* pagesAfter(
  first: readonly Pin[],
  table: number,
  query: Required<Pick<PinQuery, 'offset' | 'limit'>> & PinQuery,
  { worker, signal }: Options,
): AsyncGenerator<readonly Pin[]> {
  yield first;
  for (let at = 0; at < query.limit; at += STRETCH) {
    const page = { ...query, offset: query.offset + at, limit: Math.min(query.limit - at, STRETCH) };
    yield await worker.request('page', { table, query: page }, { signal });
  }
}
