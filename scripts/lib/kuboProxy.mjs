// A proxy on loopback between the extension and a Kubo: records when the first byte of a pin list arrived, and cuts lists off in the middle.
import { connect, createServer } from 'node:net';

export async function startKuboProxy(rpc) {
  const { hostname, port } = new URL(rpc);
  const proxy = {
    /** When the first byte of a list arrived, since this was last cleared (ms since 1970). */
    firstByteAt: undefined,
    /** Returns for the route of a list after how many bytes of the response its connection is closed. */
    cutAfter: () => Infinity,
  };
  const sockets = new Set();
  const server = createServer((client) => {
    const kubo = connect(Number(port), hostname);
    let left = Infinity;
    let isList = false;
    client.once('data', (head) => {
      const route = head.toString('latin1').split(' ')[1] ?? '';
      isList = route.startsWith('/api/v0/pin/ls?stream=true');
      if (isList) left = proxy.cutAfter(route);
    });
    kubo.on('data', (piece) => {
      if (isList) proxy.firstByteAt ??= Date.now();
      if (piece.length < left) client.write(piece);
      else client.end(piece.subarray(0, left), () => [client, kubo].forEach((socket) => socket.destroy()));
      left -= piece.length;
    });
    client.pipe(kubo);
    for (const [socket, other] of [
      [client, kubo],
      [kubo, client],
    ])
      // prettier-ignore
      sockets.add(socket.on('error', () => undefined).on('close', () => (sockets.delete(socket), other.destroySoon())));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return Object.assign(proxy, {
    url: `http://127.0.0.1:${server.address().port}`,
    stop: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  });
}
