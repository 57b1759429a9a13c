// `npm run cat`: prints the verified bytes of a file on IPFS.
import { commandLine } from './lib/commandLine.mjs';

await commandLine(['cat', ...process.argv.slice(2)]);
