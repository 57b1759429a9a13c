/** Makes messages from causes. Separate texts are joined only here. The result is plain text; text from others is made safe before. */

/** Each part as a sentence with one period; empty parts and repetitions are left out. */
export function sentences(...parts: readonly (string | undefined)[]): string {
  return [...new Set(parts.map((part) => sentence(part ?? '')).filter((text) => text !== ''))].join(' ');
}

/**
 * One cause, which begins with its source: `http://host:8080 responded with HTTP 500: out of memory.` An address is named once, without its request. Empty
 * where the message is.
 */
export function causeOf(source: string, message: string): string {
  const said = message
    .split(' ')
    .map((word) => (isBelow(source, word) ? source + (/[.,:;)]*$/.exec(word)?.[0] ?? '') : word))
    .join(' ');
  return sentence(said === '' || said.includes(source) ? said : `${source}: ${said}`);
}

/** What wasn't done, and why: `bafy… was not pinned: Kubo at http://… responded with HTTP 500.` */
export function because(what: string, why: string): string {
  return sentence(`${what.replace(/[.:\s]+$/, '')}: ${why}`);
}

/** Whether a word is an address of this source, with a path or a query. */
function isBelow(source: string, word: string): boolean {
  return /^https?:/.test(source) && word.startsWith(source) && /^[/?]/.test(word.slice(source.length));
}

function sentence(text: string): string {
  const bare = text.trim().replace(/[.,:;\s]+$/, '');
  return bare === '' || /[!?…]$/.test(bare) ? bare : `${bare}.`;
}
