// `npm run cat`: the verified bytes of a file on IPFS, on the command line.
import { commandLine } from './lib/commandLine.mjs';

await commandLine(['cat', ...process.argv.slice(2)]);
