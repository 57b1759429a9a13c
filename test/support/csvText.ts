/** A text that a spreadsheet takes for a formula, including characters that it may ignore at the start. */
export const FORMULA_AT_START = /^[\s'"\p{Cc}\p{Default_Ignorable_Code_Point}]*?[=+\-@＝＋－＠﹦﹢﹣﹫−]/u;

/** The text of a CSV cell without the apostrophes by which the export protects what would be a formula. */
export function withoutApostrophes(cell: string): string {
  let text = '';
  for (let at = 0; at < cell.length; at++) {
    const isStart = at === 0 || /[,;\u060c\u061b\uff0c\uff1b\t|\v\f\r\n\u0085\u2028\u2029]/.test(cell.charAt(at - 1));
    const rest = cell.slice(at + 1);
    const isAdded = FORMULA_AT_START.test(rest) || (at === 0 && /^'*[\t\r\n]/.test(rest));
    if (!(isStart && cell[at] === "'" && isAdded)) text += cell.charAt(at);
  }
  return text;
}
