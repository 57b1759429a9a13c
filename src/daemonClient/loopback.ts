import { isIP } from 'node:net';

/** A literal address of this machine, however it is written, also in the brackets of a URL; a name is none, since it may lead anywhere. */
export function isLoopback(host: string): boolean {
  const address = withoutBrackets(host);
  if (isIP(address) === 4) return address.startsWith('127.');
  const shortest = isIP(address) === 6 && URL.canParse(`http://[${address}]`) ? new URL(`http://[${address}]`).hostname : '';
  return shortest === '[::1]' || /^\[::ffff:7f[\da-f]{2}:/.test(shortest);
}

/** `localhost`, and names below it: this machine, whatever a resolver or a hosts file says (RFC 6761, 6.3). */
export function isLocalhost(name: string): boolean {
  return /(?:^|\.)localhost\.?$/i.test(name);
}

/** A host of a URL that leads to this machine, by whatever spelling: 0.0.0.0 and [::] do, too. */
export function isThisMachine(hostname: string): boolean {
  const address = withoutBrackets(hostname);
  return isLocalhost(address) || isLoopback(address) || address === '0.0.0.0' || address === '::';
}

/**
 * Where a host of a URL is connected to: `localhost` is 127.0.0.1, and never ::1 as well, where on the same port a stranger may listen.
 * Literal addresses lose their brackets; other names are left to the resolver.
 */
export function connectedAddress(hostname: string): string {
  return isLocalhost(hostname) ? '127.0.0.1' : withoutBrackets(hostname);
}

function withoutBrackets(host: string): string {
  return host.replace(/^\[|\]$/g, '');
}
