// `npm run pins`: lists pins.
import { commandLine } from './lib/commandLine.mjs';

await commandLine(['pins', ...process.argv.slice(2)]);
