import type { Pin } from '../pin/pin';

/** How pins are written to a file. */

export const EXPORT_FORMATS = ['csv', 'json'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

export interface ExportText {
  readonly start: string;
  /** `first`: nothing has been written yet but the start. */
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
] as const satisfies readonly (keyof Pin)[];

/** RFC 4180, UTF-8, with a header. */
const CSV: ExportText = {
  start: `${FIELDS.join(',')}\r\n`,
  pins: (pins) => pins.map((pin) => `${FIELDS.map((field) => cell(pin[field])).join(',')}\r\n`).join(''),
  end: () => '',
};

/** An array with a pin on each line, in the form of the public API. */
const JSON_LINES: ExportText = {
  start: '[',
  pins: (pins, first) => pins.map((pin, at) => `${first && at === 0 ? '' : ','}\n${JSON.stringify(pin, [...FIELDS])}`).join(''),
  end: (empty) => (empty ? ']\n' : '\n]\n'),
};

export const EXPORT_TEXT: Readonly<Record<ExportFormat, ExportText>> = { csv: CSV, json: JSON_LINES };

/**
 * A spreadsheet takes what begins with one of these (of full width in East Asian ones) for a formula, and names come from anyone: an apostrophe before it makes it text
 * (owasp.org, "CSV Injection"). One that stands there already gets another, so that taking off one gives the name back.
 */
const FORMULA = /^'*[=+\-@\t\r\n\uff0b\uff0d\uff1d\uff20]/;

function cell(value: string | number | undefined): string {
  if (value === undefined) return '';
  if (typeof value === 'number') return String(value);
  const text = FORMULA.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
