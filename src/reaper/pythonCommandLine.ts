/** What the interpreter runs, by its position among the arguments. */
type PythonTarget =
  | { readonly kind: 'script'; readonly at: number }
  /** `rest`: the index of the module's first argument. */
  | { readonly kind: 'module'; readonly name: string; readonly rest: number };

/** Options that take a value, joined or as the next argument. For `-c` and `-m` the value is what is run, and ends the options. */
const TAKES_VALUE = /[WXcm]/;

/**
 * Reads the arguments after the interpreter by Python's own rules (docs.python.org/3/using/cmdline.html). Undefined if the interpreter runs code (`-c`), its
 * standard input, or nothing.
 */
export function pythonTarget(words: readonly string[]): PythonTarget | undefined {
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? '';
    if (word === '--') return at + 1 < words.length ? { kind: 'script', at: at + 1 } : undefined;
    if (word === '-') return undefined;
    if (!word.startsWith('-')) return { kind: 'script', at };
    if (word.startsWith('--')) {
      if (word === '--check-hash-based-pycs') at++;
      continue;
    }
    const taker = TAKES_VALUE.exec(word.slice(1)); // The first letter that takes a value takes the rest of the cluster.
    if (taker === null) continue;
    const joined = word.slice(taker.index + 2);
    if (taker[0] === 'c') return undefined;
    if (taker[0] === 'm') {
      const name = joined === '' ? words[at + 1] : joined;
      return name === undefined ? undefined : { kind: 'module', name, rest: joined === '' ? at + 2 : at + 1 };
    }
    if (joined === '') at++;
  }
  return undefined;
}
