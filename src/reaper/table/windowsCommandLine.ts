/**
 * The arguments of a Windows command line, by the rules of CommandLineToArgvW (learn.microsoft.com/windows/win32/api/shellapi). The name of the program ends at
 * its closing quote or at the first blank, regardless of its content. In the rest, a quote opens or closes a quoted part, 2n backslashes before a quote make n,
 * and 2n+1 make n and the quote itself; elsewhere a backslash is literal. The third of three quotes in a row is literal. Never run on that platform.
 */
export function parseCommandLine(line: string): readonly string[] {
  if (line === '') return [];
  const [whole, quoted, plain = ''] = /^(?:"([^"]*)"?|([^ \t]*))/.exec(line) ?? [''];
  const argv = [quoted ?? plain];
  let argument: string | undefined;
  let quotes = 0; // 1 within a quoted part, 2 right behind it.
  for (let at = whole.length; at < line.length; at++) {
    const character = line.charAt(at);
    if (character === '"') {
      argument ??= '';
      if (++quotes < 3) continue;
      argument += '"';
      quotes = 0;
      continue;
    }
    if (quotes === 2) quotes = 0;
    if (quotes === 0 && (character === ' ' || character === '\t')) {
      if (argument !== undefined) argv.push(argument);
      argument = undefined;
      continue;
    }
    argument ??= '';
    if (character !== '\\') {
      argument += character;
      continue;
    }
    let end = at;
    while (line.charAt(end) === '\\') end++;
    const count = end - at;
    if (line.charAt(end) !== '"') {
      argument += '\\'.repeat(count);
      at = end - 1;
      continue;
    }
    argument += '\\'.repeat(count >> 1);
    at = end - 1;
    if (count % 2 === 1) {
      argument += '"';
      at = end;
    }
  }
  if (argument !== undefined) argv.push(argument);
  return argv;
}
