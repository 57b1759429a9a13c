import { connect } from 'node:net';
import type { NetConnectOpts } from 'node:net';

/** A loopback connection that takes longer has a listener behind it that doesn't accept (ms). */
const CONNECT_MS = 250;

/** Whether a process listens on the port. `localhost` is asked at both loopback addresses; a wildcard address is asked at loopback. */
export async function isPortOpen(host: string, port: number): Promise<boolean> {
  const bare = host.replace(/^\[|\]$/g, '');
  const hosts = /^localhost\.?$/i.test(bare)
    ? ['127.0.0.1', '::1']
    : [bare === '0.0.0.0' ? '127.0.0.1' : bare === '::' ? '::1' : bare];
  return (await Promise.all(hosts.map((each) => accepts({ host: each, port })))).includes(true);
}

/** Whether a process listens on the unix socket. The file of the socket may have been left by a process that was killed. */
export function isSocketOpen(path: string): Promise<boolean> {
  return accepts({ path });
}

function accepts(where: NetConnectOpts): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(where);
    const settle = (open: boolean): void => {
      socket.destroy();
      resolve(open);
    };
    socket.setTimeout(CONNECT_MS, () => settle(true));
    socket.once('connect', () => settle(true));
    socket.once('error', () => settle(false));
  });
}
