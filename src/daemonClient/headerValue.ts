/** What node:http sends as the value of a header, and throws at otherwise: one line of Latin-1 (RFC 9110, 5.5). */
export function isHeaderValue(value: unknown): value is string {
  return typeof value === 'string' && /^[\t\x20-\x7e\x80-\xff]*$/.test(value);
}
