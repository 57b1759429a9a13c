import { isIP } from 'node:net';

/** A literal address of this machine; a name is none, since it may lead anywhere. */
export function isLoopback(address: string): boolean {
  return (isIP(address) === 4 && address.startsWith('127.')) || address === '::1';
}

/** `localhost`, and names below it: this machine, whatever a resolver or a hosts file says (RFC 6761, 6.3). */
export function isLocalhost(name: string): boolean {
  return /(?:^|\.)localhost\.?$/i.test(name);
}

/**
 * Where a host of a URL is connected to: `localhost` is 127.0.0.1, and never ::1 as well, where on the same port a stranger may listen.
 * Literal addresses lose their brackets; other names are left to the resolver.
 */
export function connectedAddress(hostname: string): string {
  return isLocalhost(hostname) ? '127.0.0.1' : hostname.replace(/^\[|\]$/g, '');
}
