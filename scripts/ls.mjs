// `npm run ls`: what a folder on IPFS holds, on the command line.
import { commandLine } from './lib/commandLine.mjs';

await commandLine(['ls', ...process.argv.slice(2)]);
