import path from 'node:path';
import { withCommas } from '../base/withCommas';
import { comparedSources } from '../pinSource/comparedSources';
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
        const chosen = [one, other].flatMap((id) => {
          const source = found.find((each) => each.source.id === id)?.source;
          return source ? [source] : [];
        });
        if (found.length > chosen.length) throw misused('An option names a source that is not one of the two.');
        const options = { worker, signal, onReceived: (bytes: number) => output.progress(`${withCommas(bytes)} bytes…`) };
        const compared = await comparedSources(chosen, options);
        if (compared.failure !== undefined) {
          const message = 'Neither source could be listed; the errors in "sources" say why.';
          await output.write(`${jsonText({ error: { reason: compared.failure, message }, sources: compared.sources() })}\n`);
          return 1;
        }
        let both = 0;
        async function* marked(side: string, pages: AsyncIterable<readonly object[]>): AsyncGenerator<readonly object[]> {
          for await (const items of pages) yield format === 'ndjson' ? items.map((item) => ({ in: side, ...item })) : items;
        }
        async function* changed(): AsyncGenerator<readonly object[]> {
          const found = await compared.changed();
          both = found.both;
          yield found.differences;
        }
        const isIncomplete = (): boolean => compared.sources().some(({ error }) => error);
        const status = await printPins(output, format, {
          head: {},
          lists: {
            left: marked('left', compared.left),
            right: marked('right', compared.right),
            changed: marked('changed', changed()),
          },
          tail: () => Promise.resolve({ both, sources: compared.sources(), ...(isIncomplete() && { incomplete: true }) }),
          signal,
        });
        if (format === 'ndjson' && isIncomplete())
          for (const { name, error } of compared.sources()) output.note(`${name}: ${error?.message ?? 'listed in full.'}`);
        return isIncomplete() ? 1 : status;
      } finally {
        await worker.dispose();
      }
    },
  };
}

export const verb = compareVerb(SOURCE_KINDS);
