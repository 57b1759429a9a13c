/** The end of the name of an option, a parameter or a variable that holds a secret: `--token`, `--apiKey`, `client_secret`. */
const SECRET = String.raw`(?:token|password|passwd|passphrase|secret|(?:api|access|private)[-_.]?key|(?<![a-z])(?:o?auth|authorization|bearer|credentials?|pass|pwd))`;
/** Bounded, and in ASSIGNED and FOLLOWING it starts only where a name can start, since arguments may be megabytes long. */
const NAME = String.raw`[\w.-]{0,60}?${SECRET}`;
const VALUE = String.raw`(?:"[^"]*"|'[^']*'|[^\s"'&])+`;

const OPTION = new RegExp(`^--?${NAME}$`, 'i');
const WHOLE = new RegExp(`^(-{0,2}${NAME}=)[^]*`, 'i');
/** Matches within an argument, such as that of `sh -c`, in a header, and in the query of a URL. */
const ASSIGNED = new RegExp(`((?<![\\w.-])-{0,2}${NAME}\\s*[=:]\\s*(?:(?:basic|bearer)\\s+)?)${VALUE}`, 'gi');
const FOLLOWING = new RegExp(`((?<![\\w.-])--${NAME}\\s+)(?!--)${VALUE}`, 'gi');
const SCHEME = /[a-z][a-z\d+.-]{1,30}:[\\/]*/i;

/**
 * The arguments of a program as they may be shown. The user name and password of URLs, and the value of an option, parameter or variable that is named like a
 * secret (`--token x`, `--api-key=x`, `PASSWORD=x`), become `…`: other people see command lines over a shoulder, in screenshots and in logs. A secret without
 * such a name can't be recognized.
 */
export function shownArguments(argv: readonly string[]): readonly string[] {
  return argv.map((token, at) => {
    if (!token.startsWith('--') && OPTION.test(argv[at - 1] ?? '')) return '…';
    return token.replace(WHOLE, '$1…').replace(ASSIGNED, '$1…').replace(FOLLOWING, '$1…').replace(/\S+/g, withoutUserinfo);
  });
}

/** Replaces the part from the scheme to the last @, since a password that isn't encoded may contain any character. */
function withoutUserinfo(word: string): string {
  const last = word.lastIndexOf('@');
  const scheme = last < 0 ? null : SCHEME.exec(word.slice(0, last));
  return scheme ? `${word.slice(0, scheme.index) + scheme[0]}…${word.slice(last)}` : word;
}
