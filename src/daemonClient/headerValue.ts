/** Whether node:http can send the value in a header: one line of Latin-1 (RFC 9110, 5.5). It throws for any other. */
export function isHeaderValue(value: unknown): value is string {
  return typeof value === 'string' && /^[\t\x20-\x7e\x80-\xff]*$/.test(value);
}
