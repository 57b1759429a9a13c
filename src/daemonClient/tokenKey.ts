/** In the secret storage: a token belongs to the place it was given for, and goes to no other. */
export function tokenKey(place: string): string {
  return `token:${place}`;
}
