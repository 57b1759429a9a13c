const INDENT = '  ';
const DEEPEST_INDENT = 32;

/** Formats JSON text over several lines, token by token: numbers past 2^53 keep their digits, and the depth is unlimited. */
export function prettyJson(text: string): string {
  const parts: string[] = [];
  let depth = 0;
  const line = (): void => void parts.push('\n', INDENT.repeat(Math.min(depth, DEEPEST_INDENT)));
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[[\]{}:,]|[^[\]{}:,"\s]+/g)) {
    if (token === '{' || token === '[') {
      parts.push(token);
      depth++;
      line();
    } else if (token === '}' || token === ']') {
      depth--;
      const isEmpty = parts.at(-3) === (token === '}' ? '{' : '[') && parts.at(-2) === '\n';
      if (isEmpty) parts.splice(-2);
      else line();
      parts.push(token);
    } else if (token === ',') {
      parts.push(token);
      line();
    } else parts.push(token === ':' ? ': ' : token);
  }
  parts.push('\n');
  return parts.join('');
}
