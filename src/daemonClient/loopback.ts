import { isIP } from 'node:net';

/** Whether the host is a literal address of this machine, in any notation, also in the brackets of a URL. A name doesn't count, since it may lead anywhere. */
export function isLoopback(host: string): boolean {
  const address = withoutBrackets(host);
  if (isIP(address) === 4) return address.startsWith('127.');
  const shortest = isIP(address) === 6 && URL.canParse(`http://[${address}]`) ? new URL(`http://[${address}]`).hostname : '';
  return shortest === '[::1]' || /^\[::ffff:7f[\da-f]{2}:/.test(shortest);
}

/** Whether the name is `localhost` or below it: this machine, regardless of any resolver or hosts file (RFC 6761, 6.3). */
export function isLocalhost(name: string): boolean {
  return /(?:^|\.)localhost\.?$/i.test(name);
}

/** Whether the host of a URL leads to this machine, in any notation, including 0.0.0.0 and [::]. */
export function isThisMachine(hostname: string): boolean {
  const address = withoutBrackets(hostname);
  return isLocalhost(address) || isLoopback(address) || address === '0.0.0.0' || address === '::';
}

/**
 * The address to connect to for the host of a URL. `localhost` is 127.0.0.1, and never ::1 as well, where another program may listen on the same port. Literal
 * addresses lose their brackets; other names are left to the resolver.
 */
export function connectedAddress(hostname: string): string {
  return isLocalhost(hostname) ? '127.0.0.1' : withoutBrackets(hostname);
}

function withoutBrackets(host: string): string {
  return host.replace(/^\[|\]$/g, '');
}
