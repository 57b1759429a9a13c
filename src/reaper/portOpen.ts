import { connect } from 'node:net';
import type { NetConnectOpts } from 'node:net';

/** A loopback connection that takes longer than this has somebody behind it who does not accept (ms). */
const CONNECT_MS = 250;

/** Whether anybody listens there. `localhost` is both loopback addresses; an address that means "all" is asked at loopback. */
export async function isPortOpen(host: string, port: number): Promise<boolean> {
  const bare = host.replace(/^\[|\]$/g, '');
  const hosts = /^localhost\.?$/i.test(bare)
    ? ['127.0.0.1', '::1']
    : [bare === '0.0.0.0' ? '127.0.0.1' : bare === '::' ? '::1' : bare];
  return (await Promise.all(hosts.map((each) => accepts({ host: each, port })))).includes(true);
}

/** The same of a unix socket; its file may be left by who was killed. */
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
