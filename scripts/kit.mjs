// `npm run kit`: the command line, as `ipfs-kit` where it is installed.
import { commandLine } from './lib/commandLine.mjs';

await commandLine(process.argv.slice(2));
