// `npm run pins`: the list of pins on the command line.
import { commandLine } from './lib/commandLine.mjs';

await commandLine(['pins', ...process.argv.slice(2)]);
