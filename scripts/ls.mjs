// `npm run ls`: lists the entries of a folder on IPFS.
import { commandLine } from './lib/commandLine.mjs';

await commandLine(['ls', ...process.argv.slice(2)]);
