/** The key in the secret storage: a token belongs to the address that it was saved for, and is sent to no other. */
export function tokenKey(address: string): string {
  return `token:${address}`;
}
