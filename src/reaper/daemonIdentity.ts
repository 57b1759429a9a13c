import { DAEMON_PATTERNS } from '../defaults';
import type { DaemonPatterns } from './stopContract';

/** `python -m` of the command line; whole, since "cli" alone is anybody's. */
const COMMAND_MODULE = 'ipfs_kit_py.cli';

const PYTHON = /^(?:python|pythonw|pypy)[\d.]*[td]?(?:\.exe)?$/i;

interface PythonProgram {
  readonly kind: 'script' | 'module';
  readonly name: string;
  readonly rest: readonly string[];
}

/** Whether these arguments, one by one, make a process the daemon. Never decided on the joined line, which editors and pagers share. */
export function isDaemon(argv: readonly string[], patterns: DaemonPatterns): boolean {
  const program = pythonProgram(argv);
  if (program === undefined) return false;
  const { moduleNames = DAEMON_PATTERNS.moduleNames, commandNames = DAEMON_PATTERNS.commandNames } = patterns;
  const { kind, name, rest } = program;
  if (kind === 'module')
    return (
      moduleNames.some((wanted) => isModule(name, wanted)) ||
      (commandNames.length > 0 && name === COMMAND_MODULE && startsDaemon(rest))
    );
  const file = fileName(name);
  return patterns.scriptNames.includes(file) || (commandNames.includes(file.replace(/\.exe$/i, '')) && startsDaemon(rest));
}

function isModule(name: string, wanted: string): boolean {
  return wanted !== '' && (name === wanted || name.endsWith(`.${wanted}`));
}

/** The first words that are no options are `daemon start`. */
function startsDaemon(rest: readonly string[]): boolean {
  const words = rest.filter((token) => !token.startsWith('-'));
  return words[0] === 'daemon' && words[1] === 'start';
}

/** What the interpreter runs, by the rules of Python's own command line (docs.python.org/3/using/cmdline.html). */
function pythonProgram(argv: readonly string[]): PythonProgram | undefined {
  if (!PYTHON.test(fileName(argv[0] ?? ''))) return undefined;
  let at = 1;
  for (; at < argv.length; at++) {
    const token = argv[at] ?? '';
    if (token === '--') {
      at++;
      break;
    }
    if (token === '-') return undefined; // standard input
    if (!token.startsWith('-')) break;
    if (token.startsWith('--')) {
      if (token === '--check-hash-based-pycs') at++;
      continue;
    }
    const taker = /[cmWX]/.exec(token.slice(1)); // the first letter that takes a value takes the rest of the cluster
    if (taker === null) continue;
    const joined = token.slice(taker.index + 2);
    if (taker[0] === 'c') return undefined;
    if (taker[0] === 'm') {
      const name = joined === '' ? argv[at + 1] : joined;
      return name === undefined ? undefined : { kind: 'module', name, rest: argv.slice(joined === '' ? at + 2 : at + 1) };
    }
    if (joined === '') at++;
  }
  const script = argv[at];
  return script === undefined ? undefined : { kind: 'script', name: script, rest: argv.slice(at + 1) };
}

function fileName(file: string): string {
  return file.slice(Math.max(file.lastIndexOf('/'), file.lastIndexOf('\\')) + 1);
}
