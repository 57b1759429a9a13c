declare const made: unique symbol;
declare const whole: unique symbol;

/**
 * Text that may reach a person: of what others wrote, nothing in it is a link, an icon, Markdown or HTML, reorders or hides what stands beside it, or
 * begins a line. Only the functions below make it; scripts/lint/safeSinks.mjs refuses all other text wherever VS Code draws it.
 */
export type SafeText = DocumentText & { readonly [made]: true };

/** Text of a document, of whatever kind: only `provideTextDocumentContent` may return it, and nothing else draws it. */
export type DocumentText = string & { readonly [whole]: true };

const SHOWN = 200;
/** Of a part that nothing else has cut. */
const LONGEST_PART = 4000;

/** Printable ASCII but for what is taken apart below: nearly every text, and nothing to do. */
const HARMLESS = /^[ !"#%-;=-\\^-~]*$/;

/** No width, no break, no meaning: what it stands between is one no longer. */
const WORD_JOINER = '\u2060';

/**
 * Bidi controls reorder what stands beside them; zero-width ones, and letters that are blank (U+3164), hide. All are shown by number, but for the
 * variation selectors of emoji and of Mongolian, and a word joiner of ours.
 */
const INVISIBLE =
  /(?![\u180b-\u180d\ufe00-\ufe0f])(?!(?<=[$\]<])\u2060)[\p{Default_Ignorable_Code_Point}\u2028\u2029\ufff9-\ufffb]/gu;

/**
 * VS Code draws `$(name)` as an icon in labels, prompts, descriptions and the status bar (renderLabelWithIcons), and `[text](command:…)` as a link that
 * runs the command in notifications, prompts, validation and view messages (parseLinkedText); as Markdown, `[text][name]`, `<command:…>` and HTML would
 * be links too, and a line `[name]: address` makes links of others. `<U+202E>` is ours, and none of these.
 */
const DRAWN = /\$(?=\()|\](?=[([])|<(?=[a-z/!?])(?!U\+[\dA-F]{4,6}>)/gi;
const NOTHING = /(?!)/;
const DEFINES = /^[\s>*+\-\d.)]*\[/;

/** One line of at most `max` UTF-16 units, every control and invisible character shown. What is safe already stays as it is. */
export function safeText(text: string, max = SHOWN): SafeText {
  if (text.length <= max && HARMLESS.test(text)) return text as SafeText;
  const shown = text
    .slice(0, max + 1)
    .replace(/\p{Cc}/gu, pictured)
    .replace(INVISIBLE, numbered)
    .replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '\ufffd')
    .replace(DRAWN, `$&${WORD_JOINER}`)
    .replace(DEFINES.test(text) ? /\](?=:)/g : NOTHING, `$&${WORD_JOINER}`);
  return (shown.length > max ? `${shown.slice(0, max - 1).replace(CUT_SHORT, '')}…` : shown) as SafeText;
}

/** Half a pair, or half a number. */
const CUT_SHORT = /[\ud800-\udbff]$|<(?:U(?:\+[\dA-F]*)?)?$/;

/** What is written in the template is ours, and stays; what is put in is made safe, each part by itself: safe`Saved ${name}`. */
export function safe(ours: TemplateStringsArray, ...parts: readonly (string | number)[]): SafeText {
  return ours.reduce((before, text, at) => {
    const part = parts[at - 1] ?? '';
    return apart(apart(before, typeof part === 'number' ? String(part) : safeText(part, LONGEST_PART)), text);
  }) as SafeText;
}

/** Where one ends and the other begins, nothing comes to be that neither has. */
function apart(before: string, after: string): string {
  const at = before.slice(-1) + after.slice(0, 1);
  const isDrawn = at === ']:' ? /^[^\S\n]*\[.*\]$/m.test(before) : at.replace(DRAWN, '') !== at;
  return before + (isDrawn ? WORD_JOINER : '') + after;
}

/** The parts that are there, one after the other: safe texts, or words of ours; another text does not compile. */
export function joined<Part extends string>(
  parts: readonly (Part | undefined)[] & (DocumentText extends Part ? never : unknown),
  separator: ' ' | ', ' | ' · ' | ' and ' | ', called by ' | '\n' | '\n\n',
): SafeText {
  return parts.filter((part) => part !== undefined).join(separator) as SafeText;
}

/** The lines of a text, each as safeText makes it. */
export function safeLines(text: string, max?: number): SafeText[] {
  return text.split('\n').map((line) => safeText(line, max));
}

/**
 * The whole of a document in a language without links, as it is: what a person opens to read has to be what is there. The text editor draws neither
 * Markdown nor icons, makes links of http and file addresses only, and marks control, bidi and invisible characters by itself (editor.renderControlCharacters, editor.unicodeHighlight).
 */
export function documentText(text: string): DocumentText {
  return text as DocumentText;
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
