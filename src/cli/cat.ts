import { parseContentCall, BLOCK_OPTIONS, BLOCK_USAGE } from './content';
import { wholeNumber } from './arguments';
import type { Verb } from './verb';

const USAGE = `ipfs-kit cat CID[/PATH] [--offset N] [--length N] ${BLOCK_OPTIONS} [--json]

${BLOCK_USAGE}Prints the bytes of a file; dag-cbor and dag-json are printed as JSON.
On failure prints {"error":{"reason","message"}} to standard error, or with --json to standard output unless it has bytes already; the exit status is 1.
`;

export const verb: Verb = {
  usage: USAGE,
  printsPlain: true,
  run: async (args, { output, signal }) => {
    const { files, find, ...given } = parseContentCall(args);
    const [offset, length] = [wholeNumber('offset', given.offset), wholeNumber('length', given.length)];
    const { at, stat } = await find(signal);
    if (stat.whyBytes !== undefined) output.note(stat.whyBytes);
    const range = { offset, length, tellSizes: output.note };
    for await (const piece of files.read(at, range, signal)) await output.write(piece);
    return 0;
  },
};
