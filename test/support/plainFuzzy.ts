import { foldAscii } from '../../src/pin/pinQuery';

/** The optimal string alignment distance, by its definition. */
function distance(one: readonly string[], other: readonly string[]): number {
  const known = new Map<string, number>();
  const of = (i: number, j: number): number => {
    if (Math.min(i, j) === 0) return Math.max(i, j);
    const name = `${i} ${j}`;
    const before = known.get(name);
    if (before !== undefined) return before;
    const isSwapped = i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1];
    const least = Math.min(
      of(i - 1, j - 1) + (one[i - 1] === other[j - 1] ? 0 : 1),
      of(i, j - 1) + 1,
      of(i - 1, j) + 1,
      isSwapped ? of(i - 2, j - 2) + 1 : Infinity,
    );
    known.set(name, least);
    return least;
  };
  return of(one.length, other.length);
}

/** The plainest implementation of a fuzzy filter, which has 1 to 64 characters other than spaces. */
export function isPlainlyFuzzy(text: string, filter: string): boolean {
  const [all, wanted] = [Array.from(foldAscii(text)), Array.from(foldAscii(filter).trim())];
  const letters = wanted.filter((character) => !/\s/.test(character));
  let next = 0;
  for (const character of all) if (character === letters[next]) next++;
  if (next === letters.length) return letters.length > 0;
  return (
    wanted.length >= 4 &&
    all.some((_, from) =>
      [wanted.length - 1, wanted.length, wanted.length + 1].some(
        (length) => from + length <= all.length && distance(all.slice(from, from + length), wanted) <= 1,
      ),
    )
  );
}
