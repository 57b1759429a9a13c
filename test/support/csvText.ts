/** What a spreadsheet takes for a formula, after all that it may pass over. */
export const FORMULA_AT_START = /^[\s'"\p{Cc}\p{Default_Ignorable_Code_Point}]*?[=+\-@＝＋－＠﹦﹢﹣﹫−]/u;

/** The text of a cell of CSV, without the apostrophes that the export puts before what would be a formula. */
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
