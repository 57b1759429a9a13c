/**
 * The program and arguments in a line that a person has written: separated by spaces, which quotation marks of either kind keep. No other character has a
 * meaning, since no shell reads the line and Windows writes paths with backslashes. Undefined where a quotation mark isn't closed.
 */
export function wordsIn(line: string): readonly string[] | undefined {
  if (/["']/.test(line.replace(QUOTED, ''))) return undefined;
  return [...line.matchAll(/(?:[^\s"']|"[^"]*"|'[^']*')+/g)].map(([word]) =>
    word.replace(QUOTED, (_, double?: string, single?: string) => double ?? single ?? ''),
  );
}

const QUOTED = /"([^"]*)"|'([^']*)'/g;

/** The line that wordsIn reads as these words. */
export function lineOf(words: readonly string[]): string {
  const quoted = (word: string): string =>
    word
      .split('"')
      .map((part) => `"${part}"`)
      .join(`'"'`);
  return words.map((word) => (/^[^\s"']+$/.test(word) ? word : quoted(word))).join(' ');
}
