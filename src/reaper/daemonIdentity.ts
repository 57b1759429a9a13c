import { DAEMON_PATTERNS } from '../base/settingDefaults';
import { pythonTarget } from './pythonCommandLine';
import type { DaemonPatterns } from './stopContract';

/** The module of `python -m` in the daemon's command line. The whole name counts, since many programs have a module "cli". */
const COMMAND_MODULE = 'ipfs_kit_py.cli';

const PYTHON = /^(?:python|pythonw|pypy)[\d.]*[td]?(?:\.exe)?$/i;

/**
 * Whether these arguments, one by one, make a process the daemon. The joined line never decides, since editors and pagers of the daemon's files contain the
 * same text.
 */
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

/** Whether the running program can be what the arguments say: every Python has that word in its file name. */
export function isSomePython(program: string | undefined): boolean {
  return program === undefined || /py/i.test(program);
}

function isModule(name: string, wanted: string): boolean {
  return wanted !== '' && (name === wanted || name.endsWith(`.${wanted}`));
}

/** Whether the first words that aren't options are `daemon start`. */
function startsDaemon(rest: readonly string[]): boolean {
  const words = rest.filter((token) => !token.startsWith('-'));
  return words[0] === 'daemon' && words[1] === 'start';
}

function fileName(file: string): string {
  return file.slice(Math.max(file.lastIndexOf('/'), file.lastIndexOf('\\')) + 1);
}
