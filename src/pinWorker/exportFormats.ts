import type { Pin } from '../pin/pin';

/** How pins are written to a file. */

export const EXPORT_FORMATS = ['csv', 'json'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

export interface ExportText {
  readonly start: string;
  /** `first`: only the start has been written so far. */
  readonly pins: (pins: readonly Pin[], first: boolean) => string;
  readonly end: (empty: boolean) => string;
}

/** The columns of a CSV file, and the order of the fields in JSON. */
const FIELDS = [
  'cid',
  'name',
  'type',
  'sizeBytes',
  'pinnedAt',
  'vfsPath',
  'mountPoint',
  'tier',
  'replicas',
  'backend',
  'integrity',
  'lastAccessed',
  'status',
  'expiresAt',
  'replicasPinned',
  'replicasMin',
  'replicasMax',
  'metadata',
  'allocations',
  'origins',
  'info',
  'sources',
  'copies',
  'copiesAtLeast',
  'unknownSources',
] as const satisfies readonly (keyof Pin)[];

/** RFC 4180, UTF-8, with a header. */
const CSV: ExportText = {
  start: `${FIELDS.join(',')}\r\n`,
  pins: (pins) => pins.map((pin) => `${FIELDS.map((field) => cell(pin[field])).join(',')}\r\n`).join(''),
  end: () => '',
};

/** A JSON array with a pin on each line, in the form of the public API. */
const JSON_LINES: ExportText = {
  start: '[',
  pins: (pins, first) => pins.map((pin, at) => `${first && at === 0 ? '' : ','}\n${JSON.stringify(inOrder(pin))}`).join(''),
  end: (empty) => (empty ? ']\n' : '\n]\n'),
};

function inOrder(pin: Pin): object {
  return Object.fromEntries(FIELDS.flatMap((field) => (pin[field] === undefined ? [] : [[field, pin[field]]])));
}

export const EXPORT_TEXT: Readonly<Record<ExportFormat, ExportText>> = { csv: CSV, json: JSON_LINES };

/**
 * The characters that begin a formula in a spreadsheet (owasp.org, "CSV Injection"), with their East Asian, small and mathematical forms. Names of pins are
 * untrusted.
 */
const FORMULA = /[=+\-@\uff0b\uff0d\uff1d\uff20\ufe62\ufe63\ufe66\ufe6b\u2212]/;
/** Characters that a spreadsheet may skip before a formula: blanks, invisible characters, quotes. */
const PASSED_OVER = /[\s'"\p{Cc}\p{Default_Ignorable_Code_Point}]/u;
/**
 * The characters after which a reader may begin another cell. Excel's separator depends on the region, so the Arabic and full-width comma and semicolon are
 * among them; and some readers ignore quotes.
 */
const SEPARATOR = /[,;\u060c\u061b\uff0c\uff1b\t|\v\f\r\n\u0085\u2028\u2029]/;
/** Characters that Excel removes from the beginning of a cell. */
const DROPPED = /^'*[\t\r\n]/;
const QUOTED = new RegExp(`"|^\\s|\\s$|${SEPARATOR.source}`);

/** Lists and objects are written as JSON. */
function cell(given: Pin[keyof Pin]): string {
  if (given === undefined) return '';
  if (typeof given === 'number') return String(given);
  const value = typeof given === 'string' ? given : JSON.stringify(given);
  const text = FORMULA.test(value) || DROPPED.test(value) ? withApostrophes(value) : value;
  return QUOTED.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/**
 * Puts an apostrophe, which turns a formula into text, at the beginning and after each separator in the text. Where there is one already another is added,
 * so that removing one restores the text. It takes one pass from the end, because the skipped characters may be many.
 */
function withApostrophes(text: string): string {
  const characters = Array.from(text);
  const parts: string[] = [];
  let isFormulaNext = false;
  for (const character of characters.reverse()) {
    if (isFormulaNext && SEPARATOR.test(character)) parts.push("'");
    parts.push(character);
    isFormulaNext = FORMULA.test(character) || (isFormulaNext && PASSED_OVER.test(character));
  }
  if (isFormulaNext || DROPPED.test(text)) parts.push("'");
  return parts.reverse().join('');
}
