import { pythonTarget } from '../pythonCommandLine';

/** Words of one path; no path of a daemon has more. */
const MOST_WORDS = 40;

/**
 * The arguments of a Python process that were joined by single spaces, the first of which is known. The path of a script may hold spaces: it is the
 * one start of the rest that is a file. Undefined if there is none, or more than one: what cannot be told apart is not guessed at.
 * A relative path cannot be looked up, since where the process stands is not known: it is taken to have no spaces.
 */
export function splitPythonArguments(
  joined: string,
  program: string,
  isFile: (path: string) => boolean,
): readonly string[] | undefined {
  if (joined === program) return [program];
  if (!joined.startsWith(`${program} `)) return undefined; // another exec has come between
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
