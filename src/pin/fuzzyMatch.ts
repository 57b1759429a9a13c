import { foldAscii } from './pinQuery';

/** The characters to look for, in order. Blanks separate words and match nothing themselves. */
export function fuzzyCharacters(filter: string): readonly string[] {
  return Array.from(foldAscii(filter).replace(/\s+/g, ''));
}

/** Whether the text contains all the characters in their order. Without characters nothing matches. */
export function matchesFuzzily(text: string, characters: readonly string[]): boolean {
  const folded = foldAscii(text);
  let at = 0;
  for (const character of characters) {
    const found = folded.indexOf(character, at);
    if (found < 0) return false;
    at = found + character.length;
  }
  return characters.length > 0;
}
