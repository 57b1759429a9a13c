/** Names and CIDs come from anyone: what of them reaches a label can neither hide, reorder nor draw icons. */

const SHOWN = 200;

/**
 * Bidi controls reorder what stands beside them; zero-width ones, and letters that are blank (U+3164), hide. All are shown by number, but for the
 * variation selectors of emoji and of Mongolian.
 */
const INVISIBLE = /(?![\u180b-\u180d\ufe00-\ufe0f])[\p{Default_Ignorable_Code_Point}\u2028\u2029\ufff9-\ufffb]/gu;

/** One line, at most 200 characters, every control character visible. */
export function safeLine(text: string, max = SHOWN): string {
  const cut = text.length > max ? `${text.slice(0, endBefore(text, max - 1))}…` : text;
  return cut
    .replace(/\p{Cc}/gu, pictured)
    .replace(INVISIBLE, numbered)
    .replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '\ufffd');
}

/** As safeLine, for places that draw `$(icon)`, and notifications, in which `[text](command:…)` is a link that runs it: a word joiner, which has no width, takes either apart. */
export function safeLabel(text: string, max = SHOWN): string {
  return safeLine(text, max).replace(/[$\]](?=\()/g, '$&\u2060');
}

/** U+2400 and on are pictures of the ASCII controls. */
function pictured(control: string): string {
  const code = control.charCodeAt(0);
  return code < 0x20 ? String.fromCharCode(0x2400 + code) : code === 0x7f ? '\u2421' : numbered(control);
}

function numbered(text: string): string {
  return Array.from(
    text,
    (character) => `<U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}>`,
  ).join('');
}

function endBefore(text: string, end: number): number {
  const last = text.charCodeAt(end - 1);
  return last >= 0xd800 && last <= 0xdbff ? end - 1 : end;
}
