import path from 'node:path';
import { IpfsKitError, toPlainError } from '../base/ipfsKitError';
import { withCommas } from '../base/withCommas';
import { differencesOf } from '../inventory/differences';
import type { Pin } from '../pin/pin';
import type { JoinOptions } from '../pinSource/joinedList';
import { untilFailure } from '../pinSource/joinedList';
import type { ListedSource, ListedSources } from '../pinSource/listedSources';
import { listedSources } from '../pinSource/listedSources';
import type { SourceKind } from '../pinSource/sourceKind';
import { SOURCE_KINDS } from '../pinSource/sourceKinds';
import { probe } from '../daemonClient/ipfsKit/probe';
import { createPinWorkerHandle } from '../pinWorker/pinWorkerHandle';
import { FLAG, misused, parseVerb } from './arguments';
import { jsonText } from './jsonText';
import { chosenSources, NAMED_SOURCES_USAGE, SOURCE_OPTIONS, TOKEN_FOR } from './namedSources';
import type { Format } from './printPins';
import { printPins } from './printPins';
import type { Verb } from './verb';

const USAGE = `ipfs-kit compare SOURCE SOURCE [--database PATH] [--daemon URL]… [--python PATH] [--kubo REPO-or-URL] [--cluster URL]
  [--service NAME=URL]… [--token-file FILE | --token-env NAME] [--json | --ndjson]

Compares what two sources list, by the IDs of the sources. Contents are the same if codec and hash of their CIDs are.

${NAMED_SOURCES_USAGE}
Output is JSON; --json prints it on one line, --ndjson each entry on a line, with "in": left, right or changed.
{"left":[pins],"right":[pins],"changed":[{"cid","left":{"cid","name"?,"status"?},"right":{…}}],"both","sources":[…],"incomplete"?}
  left, right   pins whose content only the first or only the second source lists
  changed       contents of both with another name, or with another status where both report one
  both          the number of contents that both list
If a source can't be listed, or not in full, "incomplete" is true, what is known is printed, and the exit status is 1: content that an incomplete list
doesn't show counts as unknown, not as missing.
On failure prints {"error":{"reason","message"}}; the exit status is 1.
`;

const OPTIONS = { ...SOURCE_OPTIONS, json: FLAG, ndjson: FLAG };
/** The names of the two sources in the join, since blanks in an id have no meaning in a filter. */
const SIDES = ['left', 'right'] as const;

export function compareVerb(kinds: readonly SourceKind[], silenceMs?: number): Verb {
  return {
    usage: USAGE,
    run: async (args, { output, signal, dist }) => {
      const { values, positionals, named } = parseVerb(args, OPTIONS, { tokenFor: TOKEN_FOR, mayBeEmpty: ['python'] });
      const [one, other, ...more] = positionals;
      if (one === undefined || other === undefined || more.length > 0 || one === other) throw misused('Specify two sources.');
      if (values['all-sources'] || values.source) throw misused('Specify the two sources without --source and --all-sources.');
      if (values.json && values.ndjson) throw misused('Use either --json or --ndjson.');
      const format: Format = values.ndjson ? 'ndjson' : values.json ? 'json' : 'pretty';
      const worker = createPinWorkerHandle({
        ...{ file: path.join(dist, 'pinWorker.js'), wasmFile: path.join(dist, 'sql-wasm.wasm'), silenceMs },
      });
      try {
        const byId = [one, other].map((value) => ({ name: 'source', value }));
        const found = chosenSources([...named, ...byId], (urls, stop) => probe(urls, { signal: stop }), kinds);
        const chosen = [one, other].flatMap((id, at) => {
          const source = found.find((each) => each.source.id === id)?.source;
          return source ? [{ source, isNamed: true, as: SIDES[at] }] : [];
        });
        if (found.length > chosen.length) throw misused('An option names a source that is not one of the two.');
        const options = { worker, signal, onReceived: (bytes: number) => output.progress(`${withCommas(bytes)} bytes…`) };
        const lists = listedSources(chosen, options);
        await lists.with(() => Promise.resolve());
        const reason = lists.sources.every(({ error }) => error) ? lists.sources[0]?.error?.reason : undefined;
        if (reason !== undefined) {
          const error = { reason, message: 'Neither source could be listed; the errors in "sources" say why.' };
          await output.write(`${jsonText({ error, sources: lists.sources.map(askedOf) })}\n`);
          return 1;
        }
        const compared = compareLists(lists, options, format === 'ndjson');
        const isIncomplete = (): boolean => lists.sources.some((each) => whyIncomplete(each) !== undefined);
        const tail = (): Promise<object> =>
          Promise.resolve({
            both: compared.both(),
            sources: lists.sources.map(askedOf),
            ...(isIncomplete() && { incomplete: true }),
          });
        const status = await printPins(output, format, { head: {}, lists: compared.lists, tail, signal });
        if (format === 'ndjson')
          for (const each of lists.sources)
            if (isIncomplete()) output.note(`${each.name}: ${whyIncomplete(each)?.message ?? 'listed in full.'}`);
        return isIncomplete() ? 1 : status;
      } finally {
        await worker.dispose();
      }
    },
  };
}

export const verb = compareVerb(SOURCE_KINDS);

function askedOf(listed: ListedSource): object {
  const { source, name, last, error } = listed;
  const why = whyIncomplete(listed);
  const incomplete = why && last && !error ? { incomplete: true } : {};
  return {
    id: source.id,
    name,
    ...(last && { freshness: last.freshness }),
    ...incomplete,
    ...(why && { error: toPlainError(why) }),
  };
}

/** Why not all that a source keeps is known. */
function whyIncomplete({ last, error, failure, joinFailure }: ListedSource): IpfsKitError | undefined {
  const incomplete = last?.opened.incomplete;
  const why = error ?? failure ?? joinFailure;
  if (why || !incomplete) return why;
  return new IpfsKitError(incomplete.reason, incomplete.message);
}

/** Of what both list, the rows of the source with fewer of them are held in memory, some hundred bytes each. */
function compareLists(
  lists: ListedSources,
  options: JoinOptions,
  withSide: boolean,
): { readonly lists: Readonly<Record<string, AsyncIterable<readonly object[]>>>; readonly both: () => number } {
  const [left, right] = lists.sources;
  let both = 0;
  const marked = (side: string, items: readonly object[]): readonly object[] =>
    withSide ? items.map((item) => ({ in: side, ...item })) : items;
  const walk = (listed: ListedSource | undefined, filter: string): AsyncIterable<readonly Pin[]> =>
    listed?.listing ? untilFailure(lists, listed, { filter }, options) : nothing();
  async function* only(listed: ListedSource | undefined, side: string, filter: string): AsyncGenerator<readonly object[]> {
    for await (const pins of walk(listed, filter)) yield marked(side, pins.map(withoutCopies));
  }
  async function* changed(): AsyncGenerator<readonly object[]> {
    const filter = 'in:left in:right';
    const counts = await Promise.all([left, right].map((each) => countOf(lists, each, filter, options)));
    const [fewer, more, isSwapped] = (counts[0] ?? 0) <= (counts[1] ?? 0) ? [left, right, false] : [right, left, true];
    const withNames = [left, right].every((each) => !each?.last?.opened.namesMissing);
    const compared = await differencesOf(walk(fewer, filter), walk(more, filter), { withNames, isSwapped });
    both = compared.both;
    yield marked('changed', compared.differences);
  }
  return {
    lists: {
      left: only(left, 'left', 'in:left -in:right'),
      right: only(right, 'right', 'in:right -in:left'),
      changed: changed(),
    },
    both: () => both,
  };
}

async function* nothing(): AsyncGenerator<readonly Pin[]> {
  // A source without a list.
}

/** The pin as the source lists it. JSON leaves out what is undefined. */
function withoutCopies(pin: Pin): object {
  return { ...pin, sources: undefined, copies: undefined, copiesAtLeast: undefined, unknownSources: undefined };
}

async function countOf(
  lists: ListedSources,
  listed: ListedSource | undefined,
  filter: string,
  { worker, signal }: JoinOptions,
): Promise<number> {
  if (!listed?.listing) return 0;
  return lists.with(async ({ tableOf }) => {
    const table = tableOf(listed);
    return table === undefined ? 0 : worker.request('count', { table, of: { filter } }, { signal });
  });
}
