import { connect } from 'node:net';

/** A loopback connection that takes longer than this has somebody behind it who does not accept (ms). */
const CONNECT_MS = 250;

/** Whether anybody listens there. `localhost` is both loopback addresses; an address that means "all" is asked at loopback. */
export async function isPortOpen(host: string, port: number): Promise<boolean> {
  const bare = host.replace(/^\[|\]$/g, '');
  const hosts = /^localhost\.?$/i.test(bare)
    ? ['127.0.0.1', '::1']
    : [bare === '0.0.0.0' ? '127.0.0.1' : bare === '::' ? '::1' : bare];
  return (await Promise.all(hosts.map((each) => accepts(each, port)))).includes(true);
}

function accepts(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const settle = (open: boolean): void => {
      socket.destroy();
      resolve(open);
    };
    socket.setTimeout(CONNECT_MS, () => settle(true));
    socket.once('connect', () => settle(true));
    socket.once('error', () => settle(false));
  });
}
