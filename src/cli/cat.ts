import { parseContentCall, PLACES, PLACES_USAGE } from './content';
import { wholeNumber } from './options';
import type { Verb } from './verb';

const USAGE = `ipfs-kit cat CID[/PATH] [--offset N] [--length N] ${PLACES} [--json]

${PLACES_USAGE}Prints the bytes; those of dag-cbor and dag-json as JSON.
An error is {"error":{"reason","message"}} on the standard error, with --json on the standard output unless bytes have been printed; the exit status is 1.
`;

export const verb: Verb = {
  usage: USAGE,
  printsPlain: true,
  run: async (args, { output, signal }) => {
    const { files, find, ...given } = parseContentCall(args);
    const [offset, length] = [wholeNumber('offset', given.offset), wholeNumber('length', given.length)];
    const { at, stat } = await find(signal);
    if (stat.whyBytes !== undefined) output.note(stat.whyBytes);
    const range = { ...(offset !== undefined && { offset }), ...(length !== undefined && { length }), tellSizes: output.note };
    for await (const piece of files.read(at, range, signal)) await output.write(piece);
    return 0;
  },
};
