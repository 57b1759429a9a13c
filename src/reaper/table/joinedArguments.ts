import { pythonTarget } from '../pythonCommandLine';

/** The most words of one path. No daemon's path has more. */
const MOST_WORDS = 40;

/**
 * Splits the arguments of a Python process that were joined by single spaces, and whose first argument is known. The path of a script may contain spaces: it is
 * the only beginning of the rest that is a file. Undefined if there is no such file or more than one, since a guess could be wrong. A relative path can't be
 * looked up, since the working directory of the process isn't known, so it is taken to have no spaces.
 */
export function splitPythonArguments(
  joined: string,
  program: string,
  isFile: (path: string) => boolean,
): readonly string[] | undefined {
  if (joined === program) return [program];
  if (!joined.startsWith(`${program} `)) return undefined; // The process has become another program in between.
  const words = joined.slice(program.length + 1).split(' ');
  const target = pythonTarget(words);
  if (target?.kind !== 'script' || words[target.at]?.startsWith('/') !== true) return [program, ...words];
  const { at } = target;
  const ends = words.slice(at, at + MOST_WORDS).flatMap((_, more) => {
    const end = at + more + 1;
    return isFile(words.slice(at, end).join(' ')) ? [end] : [];
  });
  const [end] = ends;
  if (end === undefined || ends.length > 1) return undefined;
  return [program, ...words.slice(0, at), words.slice(at, end).join(' '), ...words.slice(end)];
}
