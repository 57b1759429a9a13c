/** Controls of 8-bit terminals, the controls of text direction, and the line breaks of Unicode; JSON.stringify escapes only those below U+0020. */
const RAW_CONTROLS = /[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** JSON whose texts can't command a terminal or reorder what it shows. It parses to the same value as that of JSON.stringify. */
export function jsonText(value: object, indent?: number): string {
  const escaped = (control: string): string => `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return JSON.stringify(value, undefined, indent).replace(RAW_CONTROLS, escaped);
}
