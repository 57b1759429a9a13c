/** The most pins that are marked as new. */
export const MOST_NEW = 1000;

/** The pins that have come into a list while nobody asked for it, by their keys (pinKey.ts), until they are looked at. */
export interface NewRows {
  /** When the pin was first seen, in ms since 1970; undefined where it isn't new. */
  readonly since: (key: string) => number | undefined;
  readonly add: (keys: readonly string[]) => void;
  /** The pin has been looked at; false where it wasn't new. */
  readonly look: (key: string) => boolean;
  readonly clear: () => void;
}

export function createNewRows(now: () => number = Date.now): NewRows {
  const marked = new Map<string, number>();
  return {
    since: (key) => marked.get(key),
    add: (keys) => {
      const at = now();
      for (const key of keys) {
        marked.delete(key); // so that it is the last one again
        marked.set(key, at);
      }
      for (const [oldest] of marked) {
        if (marked.size <= MOST_NEW) break;
        marked.delete(oldest);
      }
    },
    look: (key) => marked.delete(key),
    clear: () => marked.clear(),
  };
}
