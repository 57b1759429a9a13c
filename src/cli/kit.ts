#!/usr/bin/env node
/** `ipfs-kit VERB …`, in a checkout `npm run --silent kit -- VERB …`: what the view does, for scripts, bug reports and benchmarks. */
import { constants } from 'node:os';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { askOnCommandLine } from '../base/settingOrOption';
import { toPlainError } from '../base/ipfsKitError';
import { jsonText } from './jsonText';
import { misused } from './arguments';
import { createOutput, hasReaderLeft } from './output';
import type { Verb } from './verb';

interface Known {
  readonly about: string;
  readonly load: () => Promise<{ readonly verb: Verb }>;
}

/** Each verb is a bundle, so that no verb loads what only another one needs. */
const VERBS: Readonly<Record<string, Known>> = {
  pins: { about: 'List the pins of one source, or of several together', load: () => import('./pins') },
  compare: { about: 'Compare what two sources keep', load: () => import('./compare') },
  ls: { about: 'List the entries of a folder on IPFS', load: () => import('./ls') },
  cat: { about: 'Print a file on IPFS', load: () => import('./cat') },
};

const WIDTH = Math.max(...Object.keys(VERBS).map((name) => name.length)) + 2;
const HELP = ['--help', '-h', 'help'];

const USAGE = `ipfs-kit VERB …        in a checkout: npm run --silent kit -- VERB …

${Object.entries(VERBS)
  .map(([name, { about }]) => `  ${name.padEnd(WIDTH)}${about}`)
  .join('\n')}

ipfs-kit VERB --help explains a verb, and ipfs-kit --version prints the version. On failure prints {"error":{"reason","message"}}; the exit status is 1.
`;

/** Ctrl+C, a supervisor, and a terminal that is closed. */
const INTERRUPTIONS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** Time in ms that a verb has after that to end what it has started: more than the pin worker is given (threadHandle.ts). */
const ENDS_WITHIN_MS = 1500;

async function main([name, ...args]: readonly string[]): Promise<void> {
  askOnCommandLine();
  const output = createOutput(process);
  const interrupted = new AbortController();
  let interruptedStatus = 0;
  for (const name of INTERRUPTIONS)
    process.once(name, () => {
      interruptedStatus = 128 + constants.signals[name]; // as shells report it
      interrupted.abort();
      setTimeout(() => process.exit(interruptedStatus), ENDS_WITHIN_MS);
    });
  let errorsTo: NodeJS.WriteStream = process.stdout;
  try {
    if (name !== undefined && HELP.includes(name)) return await output.write(USAGE);
    if (name === '--version') return await output.write(`${version()}\n`);
    if (name === undefined) process.stderr.write(USAGE);
    const known = name !== undefined && Object.hasOwn(VERBS, name) ? VERBS[name] : undefined;
    if (!known) throw misused(`Use one of the verbs ${Object.keys(VERBS).join(', ')}.`);
    const { verb } = await known.load();
    if (args[0] === '-h' || args.includes('--help')) return await output.write(verb.usage);
    if (verb.printsPlain && !args.includes('--json')) errorsTo = process.stderr;
    process.exitCode = await verb.run(args, { output, signal: interrupted.signal, dist: path.join(__dirname, '..') });
  } catch (error) {
    if (hasReaderLeft(error)) return;
    process.exitCode = 1;
    // After the first bytes of a file, an error on the same stream would be taken for more of the file.
    if (!interrupted.signal.aborted)
      (output.hasWritten() ? process.stderr : errorsTo).write(`${jsonText({ error: toPlainError(error) })}\n`);
  } finally {
    output.done();
    if (interrupted.signal.aborted) process.exit(interruptedStatus);
  }
}

/** The version of the package that this file is part of, both where it is installed and in a checkout. */
function version(): string {
  const text = readFileSync(path.join(__dirname, '..', '..', 'package.json'), 'utf8');
  return (JSON.parse(text) as { readonly version: string }).version;
}

void main(process.argv.slice(2));
