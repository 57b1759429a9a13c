/**
 * A quotation mark, an escape that hides one, or a number that only Python's json module writes. No token is long: an expression for whole strings would store
 * a place to backtrack to for each escape, and run out of memory over millions.
 */
const TOKEN = /"|\\["\\]|-?(?:NaN|Infinity)\b/g;

/** As JSON.parse; NaN and the infinities, which Python writes and JSON doesn't have, become null, since their value isn't known. Throws SyntaxError. */
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

export type JsonObject = Readonly<Record<string, unknown>>;

/** A JSON object; undefined for anything else, also for an array and for bytes, which are an object to JavaScript. */
export function objectIn(value: unknown): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value)
    ? (value as JsonObject)
    : undefined;
}

/** The JSON object that a text holds, as parseJson reads it; undefined for anything else. */
export function objectInText(text: string): JsonObject | undefined {
  try {
    return objectIn(parseJson(text));
  } catch {
    return undefined;
  }
}

/** The JSON object that these bytes hold, in UTF-8; undefined for anything else. */
export function objectInBytes({ buffer, byteOffset, byteLength }: Uint8Array): JsonObject | undefined {
  return objectInText(Buffer.from(buffer, byteOffset, byteLength).toString('utf8'));
}
