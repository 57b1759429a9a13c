/**
 * Whether a part of the text is the needle with at most one typo: a character that is missing, additional or replaced, or two neighbors that are swapped
 * (optimal string alignment distance of 1; Damerau, 1964). Both are given as the numbers of their characters; of the text, those before `length`. The needle has at
 * least three.
 *
 * One typo leaves at least one half of the needle as it is, since the character between the halves belongs to neither. So wherever a half occurs, the rest is
 * compared up to the first difference, which is the typo if there is one.
 */
export function hasWithOneTypo(text: ArrayLike<number>, length: number, needle: ArrayLike<number>): boolean {
  const middle = middleOf(needle);
  const [first, second] = [needle[0], needle[middle + 1]];
  for (let at = 0; at < length; at++) {
    const next = text[at];
    if (next === first && isAt(text, length, at, needle, 0, middle) && isAfter(text, length, at + middle, needle, middle))
      return true;
    if (next === second && isAt(text, length, at, needle, middle + 1, needle.length) && isBefore(text, at - 1, needle, middle))
      return true;
  }
  return false;
}

/** The index of the character between the two halves. */
export function middleOf({ length }: ArrayLike<unknown>): number {
  return (length - 1) >> 1;
}

/** Whether the text has needle[from … to) at an index. */
function isAt(text: ArrayLike<number>, length: number, at: number, needle: ArrayLike<number>, from: number, to: number): boolean {
  if (at < 0 || at + to - from > length) return false;
  for (let next = from; next < to; next++) if (text[at + next - from] !== needle[next]) return false;
  return true;
}

/** Whether the text has the needle from `next` on, with one typo at most, at an index. */
function isAfter(text: ArrayLike<number>, length: number, at: number, needle: ArrayLike<number>, next: number): boolean {
  const end = needle.length;
  while (next < end && at < length && text[at] === needle[next]) {
    at++;
    next++;
  }
  if (next === end) return true;
  if (isAt(text, length, at, needle, next + 1, end)) return true;
  if (at >= length) return false;
  return (
    isAt(text, length, at + 1, needle, next + 1, end) ||
    isAt(text, length, at + 1, needle, next, end) ||
    (next + 1 < end &&
      text[at] === needle[next + 1] &&
      text[at + 1] === needle[next] &&
      isAt(text, length, at + 2, needle, next + 2, end))
  );
}

/** Whether the text has the needle up to and including `next`, with one typo at most, so that it ends at an index. */
function isBefore(text: ArrayLike<number>, at: number, needle: ArrayLike<number>, next: number): boolean {
  while (next >= 0 && at >= 0 && text[at] === needle[next]) {
    at--;
    next--;
  }
  if (next < 0) return true;
  const endsAt = (last: number, to: number): boolean => isAt(text, last + 1, last + 1 - to, needle, 0, to);
  if (endsAt(at, next)) return true;
  if (at < 0) return false;
  return (
    endsAt(at - 1, next) ||
    endsAt(at - 1, next + 1) ||
    (next > 0 && text[at] === needle[next - 1] && text[at - 1] === needle[next] && endsAt(at - 2, next - 1))
  );
}
