import { existsSync, readFileSync } from 'node:fs';

/** Whether a server can listen on [::1]. */
export function hasIpv6(): boolean {
  const table = '/proc/net/if_inet6';
  return process.platform !== 'linux' || (existsSync(table) && readFileSync(table, 'utf8').includes(' lo'));
}
