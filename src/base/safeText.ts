declare const made: unique symbol;
declare const whole: unique symbol;

/**
 * Text that may be shown to a person. In text from others, nothing is a link, an icon, Markdown or HTML, reorders or hides its neighbors, or begins a line.
 * Only the functions below make it; scripts/lint/safeSinks.mjs rejects all other text wherever VS Code draws it.
 */
export type SafeText = DocumentText & { readonly [made]: true };

/** The text of a document of any kind: only `provideTextDocumentContent` may return it, and nothing else draws it. */
export type DocumentText = string & { readonly [whole]: true };

const SHOWN = 200;
/** The default limit for a part. */
const LONGEST_PART = 4000;

/** Printable ASCII except for what is changed below: nearly every text, with nothing to change. */
const HARMLESS = /^[ !"#%-;=-\\^-~]*$/;

/** A character without width, line break or meaning, which separates the two characters around it. */
const WORD_JOINER = '\u2060';

/**
 * Bidi controls reorder their neighbors; zero-width characters, and letters that are blank (U+3164), hide. All are shown by number, except for the variation
 * selectors of emoji and of Mongolian, and a word joiner that safeText inserted.
 */
const INVISIBLE =
  /(?![\u180b-\u180d\ufe00-\ufe0f])(?!(?<=[$\]<])\u2060)[\p{Default_Ignorable_Code_Point}\u2028\u2029\ufff9-\ufffb]/gu;

/**
 * VS Code draws `$(name)` as an icon in labels, prompts, descriptions and the status bar (renderLabelWithIcons), and `[text](command:…)` as a link that runs
 * the command in notifications, prompts, validation and view messages (parseLinkedText). As Markdown, `[text][name]`, `<command:…>` and HTML would be links
 * too, and a line `[name]: address` turns other text into links. safeText itself writes `<U+202E>`, which is none of these.
 */
const DRAWN = /\$(?=\()|\](?=[([])|<(?=[a-z/!?])(?!U\+[\dA-F]{4,6}>)/gi;
const NOTHING = /(?!)/;
const DEFINES = /^[\s>*+\-\d.)]*\[/;

/** One line of at most `max` UTF-16 units, with every control and invisible character shown. Safe text stays as it is. */
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

/** A name as safeText shows it; a name in which nothing would be seen is `(no name)`. U+2800 is a Braille pattern without dots. */
export function safeName(name: string, max?: number): SafeText {
  return /^[\s\u2800]*$/.test(name) ? safe`(no name)` : safeText(name, max);
}

/** Half a surrogate pair, or half a number. */
const CUT_SHORT = /[\ud800-\udbff]$|<(?:U(?:\+[\dA-F]*)?)?$/;

/** The template is written by the code and stays; each inserted part is made safe separately: safe`Saved ${name}`. */
export function safe(ours: TemplateStringsArray, ...parts: readonly (string | number)[]): SafeText {
  return ours.reduce((before, text, at) => {
    const part = parts[at - 1] ?? '';
    return apart(apart(before, typeof part === 'number' ? String(part) : safeText(part, LONGEST_PART)), text);
  }) as SafeText;
}

/** Separates two texts where their joint would be something that neither contains. */
function apart(before: string, after: string): string {
  const at = before.slice(-1) + after.slice(0, 1);
  const isDrawn = at === ']:' ? /^[^\S\n]*\[.*\]$/m.test(before) : at.replace(DRAWN, '') !== at;
  return before + (isDrawn ? WORD_JOINER : '') + after;
}

/** Joins the parts that are present: safe texts, or literal words; other text doesn't compile. */
export function joined<Part extends string>(
  parts: readonly (Part | undefined)[] & (DocumentText extends Part ? never : unknown),
  separator: ' ' | ', ' | ' · ' | ' and ' | ', called by ' | '\n' | '\n\n',
): SafeText {
  return parts.filter((part) => part !== undefined).join(separator) as SafeText;
}

/**
 * The same text for `appendText` of a MarkdownString, which escapes the signs of Markdown, but neither bare addresses, which become links, nor entities, which
 * become characters (VS Code's escapeMarkdownSyntaxTokens).
 */
export function inMarkdown(text: SafeText): SafeText {
  return text.replace(/&|:(?=\/\/)|www\.|@/gi, `$&${WORD_JOINER}`) as SafeText;
}

/** The lines of a text, each made safe by safeText. */
export function safeLines(text: string, max?: number): SafeText[] {
  return text.split('\n').map((line) => safeText(line, max));
}

/**
 * The whole text of a document in a language without links, unchanged: a person who opens a document has to see what it contains. The text editor draws neither
 * Markdown nor icons, makes links of http and file addresses only, and marks control, bidi and invisible characters (editor.renderControlCharacters,
 * editor.unicodeHighlight).
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
