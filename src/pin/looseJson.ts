/**
 * A quotation mark, an escape that hides one, or what Python's json module writes for numbers that JSON has none of. No token is long: an expression for
 * whole strings would keep a place to come back to for each escape, and run out of memory over millions.
 */
const TOKEN = /"|\\["\\]|-?(?:NaN|Infinity)\b/g;

/** As JSON.parse; NaN and the infinities, which Python writes and no JSON has, are null: what they stand for isn't known. Throws SyntaxError. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    let isInString = false;
    const known = text.replace(TOKEN, (found) => {
      if (found === '"') isInString = !isInString;
      return isInString || /^["\\]/.test(found) ? found : 'null';
    });
    if (known === text) throw error;
    return JSON.parse(known) as unknown;
  }
}
