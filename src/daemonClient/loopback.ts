import { isIP } from 'node:net';

/** A literal address of this machine; a name is none, since it may lead anywhere. */
export function isLoopback(address: string): boolean {
  return (isIP(address) === 4 && address.startsWith('127.')) || address === '::1';
}
