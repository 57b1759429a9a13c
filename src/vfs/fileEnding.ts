/** The bytes at the beginning of a file that are enough to recognize its type. */
export const TELLING_BYTES = 4096;

/** An offset, or `near` for anywhere near the beginning, and the byte strings that may be there, as Latin-1. */
type Part = readonly [at: number | 'near', ...oneOf: string[]];

/**
 * The name endings of files that VS Code shows, or a person would look for, with the bytes that identify them
 * (https://en.wikipedia.org/wiki/List_of_file_signatures).
 */
const SIGNATURES: readonly (readonly [ending: string, ...parts: Part[]])[] = [
  ['.png', [0, '\x89PNG\r\n\x1a\n']],
  ['.jpg', [0, '\xff\xd8\xff']],
  ['.gif', [0, 'GIF87a', 'GIF89a']],
  ['.webp', [0, 'RIFF'], [8, 'WEBP']],
  ['.wav', [0, 'RIFF'], [8, 'WAVE']],
  ['.bmp', [0, 'BM'], [6, '\0\0\0\0'], [15, '\0\0\0']],
  ['.ico', [0, '\0\0\x01\0'], [5, '\0'], [9, '\0']],
  ['.avif', [4, 'ftypavif', 'ftypavis']],
  ['.mp4', [4, 'ftypiso', 'ftypmp4', 'ftypavc1', 'ftypdash', 'ftypM4V ', 'ftypMSNV', 'ftypf4v ']],
  ['.webm', [0, '\x1aE\xdf\xa3'], ['near', 'webm']],
  ['.ogg', [0, 'OggS\0']],
  ['.mp3', [0, 'ID3\x02', 'ID3\x03', 'ID3\x04', '\xff\xfb', '\xff\xf3', '\xff\xf2']],
  ['.pdf', [0, '%PDF-']],
  ['.zip', [0, 'PK\x03\x04', 'PK\x05\x06']],
  ['.gz', [0, '\x1f\x8b\x08']],
];
const NEAR = 64;

/**
 * The name ending, with its dot, of a file that begins with these bytes; undefined where they don't tell, as for most text. `isWhole`: these are all of its
 * bytes.
 */
export function endingOf(bytes: Uint8Array, isWhole: boolean): string | undefined {
  const head = Buffer.from(bytes.subarray(0, TELLING_BYTES));
  const start = head.toString('latin1', 0, NEAR);
  const has = ([at, ...oneOf]: Part): boolean =>
    oneOf.some((text) => (at === 'near' ? start.includes(text) : start.startsWith(text, at)));
  const found = SIGNATURES.find(([, ...parts]) => parts.every(has));
  return found?.[0] ?? endingOfText(head, isWhole);
}

function endingOfText(head: Uint8Array, isWhole: boolean): string | undefined {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: !isWhole }).trimStart();
  } catch {
    return undefined;
  }
  if (text.startsWith('<')) {
    const tag = firstTag(text);
    if (/^<svg[\s>]/i.test(tag)) return '.svg';
    if (/^<(?:!doctype html|html)[\s>]/i.test(tag)) return '.html';
    return text.startsWith('<?xml') ? '.xml' : undefined;
  }
  return isJson(text, isWhole) ? '.json' : undefined;
}

/** The text after processing instructions, comments and document types other than HTML's. */
function firstTag(text: string): string {
  for (let at = 0; ;) {
    const rest = text.slice(at).trimStart();
    const end = rest.startsWith('<?')
      ? '?>'
      : rest.startsWith('<!--')
        ? '-->'
        : /^<!doctype (?!html)/i.test(rest)
          ? '>'
          : undefined;
    const found = end === undefined ? -1 : rest.indexOf(end);
    if (end === undefined || found < 0) return rest.slice(0, 40);
    at = text.length - rest.length + found + end.length;
  }
}

function isJson(text: string, isWhole: boolean): boolean {
  if (!isWhole) return /^(?:\{\s*"|\[\s*[[{"])/.test(text);
  if (!/^[[{]/.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
