import { serialize } from 'node:v8';

/**
 * A long list as bytes, a buffer for each piece. Receiving it costs its thread next to nothing, and its pieces are read one at a time with pauses: the
 * extension host must not be held up by ten thousand rows at once, nor by five hundred with long texts.
 */
export interface Pieces {
  readonly pieces: readonly Uint8Array[];
}

/** What a piece has at most, unless one row has more: some milliseconds for the thread that reads it. A stretch of a walk (pinWalk.ts) is one piece. */
const MOST_ROWS = 2000;
const MOST_CHARACTERS = 2 ** 19;

/** The list in pieces; as it is where it is one piece. */
export function inPieces(list: readonly object[]): readonly object[] | Pieces {
  const ends: number[] = [];
  let [rows, characters] = [0, 0];
  for (const [at, row] of list.entries()) {
    const own = charactersOf(row);
    if (rows === MOST_ROWS || (rows > 0 && characters + own > MOST_CHARACTERS)) {
      ends.push(at);
      [rows, characters] = [0, 0];
    }
    rows++;
    characters += own;
  }
  if (ends.length === 0) return list;
  return { pieces: [...ends, list.length].map((end, at) => serialize(list.slice(ends[at - 1] ?? 0, end))) };
}

export function isPieces(result: unknown): result is Pieces {
  return typeof result === 'object' && result !== null && 'pieces' in result;
}

export async function joined({ pieces }: Pieces): Promise<object[]> {
  const { deserialize } = await import('node:v8'); // takes 2 ms to load, so activation doesn't
  const list: object[] = [];
  for (const piece of pieces) {
    list.push(...(deserialize(piece) as object[]));
    await new Promise((resolve) => setImmediate(resolve));
  }
  return list;
}

function charactersOf(row: object): number {
  let characters = 0;
  for (const value of Object.values(row) as unknown[]) if (typeof value === 'string') characters += value.length;
  return characters;
}
