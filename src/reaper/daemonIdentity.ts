import { DAEMON_PATTERNS } from '../base/defaults';
import { pythonTarget } from './pythonCommandLine';
import type { DaemonPatterns } from './stopContract';

/** `python -m` of the command line; whole, since "cli" alone is anybody's. */
const COMMAND_MODULE = 'ipfs_kit_py.cli';

const PYTHON = /^(?:python|pythonw|pypy)[\d.]*[td]?(?:\.exe)?$/i;

/** Whether these arguments, one by one, make a process the daemon. Never decided on the joined line, which editors and pagers share. */
export function isDaemon(argv: readonly string[], patterns: DaemonPatterns): boolean {
  if (!PYTHON.test(fileName(argv[0] ?? ''))) return false;
  const words = argv.slice(1);
  const target = pythonTarget(words);
  if (target === undefined) return false;
  const { moduleNames = DAEMON_PATTERNS.moduleNames, commandNames = DAEMON_PATTERNS.commandNames } = patterns;
  if (target.kind === 'module') {
    if (moduleNames.some((wanted) => isModule(target.name, wanted))) return true;
    return commandNames.length > 0 && target.name === COMMAND_MODULE && startsDaemon(words.slice(target.rest));
  }
  const file = fileName(words[target.at] ?? '');
  if (patterns.scriptNames.includes(file)) return true;
  return commandNames.includes(file.replace(/\.exe$/i, '')) && startsDaemon(words.slice(target.at + 1));
}

/** Whether the program that runs can be what the arguments say: any Python there is has that in its name. */
export function isSomePython(program: string | undefined): boolean {
  return program === undefined || /py/i.test(program);
}

function isModule(name: string, wanted: string): boolean {
  return wanted !== '' && (name === wanted || name.endsWith(`.${wanted}`));
}

/** The first words that are no options are `daemon start`. */
function startsDaemon(rest: readonly string[]): boolean {
  const words = rest.filter((token) => !token.startsWith('-'));
  return words[0] === 'daemon' && words[1] === 'start';
}

function fileName(file: string): string {
  return file.slice(Math.max(file.lastIndexOf('/'), file.lastIndexOf('\\')) + 1);
}
