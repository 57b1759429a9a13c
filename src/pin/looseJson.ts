/** A string, whole or without its end, or what Python's json module writes for numbers that JSON has none of. */
const STRING_OR_NUMBER = /"[^"\\]*(?:\\.[^"\\]*)*(?:"|$)|-?(?:NaN|Infinity)\b/gs;

/** As JSON.parse; NaN and the infinities, which Python writes and no JSON has, are null: what they stand for isn't known. Throws SyntaxError. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    const known = text.replace(STRING_OR_NUMBER, (found) => (found.startsWith('"') ? found : 'null'));
    if (known === text) throw error;
    return JSON.parse(known) as unknown;
  }
}
