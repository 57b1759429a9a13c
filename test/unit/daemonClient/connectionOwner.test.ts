import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, statSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { connect, createServer } from 'node:net';
import path from 'node:path';
import { describe, it } from 'node:test';
import type { Connection } from '../../../src/daemonClient/connectionOwner';
import { checkOwner } from '../../../src/daemonClient/connectionOwner';
import type { RpcAccess } from '../../../src/daemonClient/rpcAccess';
import { rpcRequest } from '../../../src/daemonClient/rpcRequest';
import { IpfsKitError } from '../../../src/base/ipfsKitError';
import { testFolder } from '../../support/folder';
import { freePort } from '../../support/freePort';
import { hasIpv6 } from '../../support/hasIpv6';
import { startStranger } from '../../support/stranger';
import { http, rawServer } from './rawServer';
import { needs, POSIX } from '../../support/needs';

const folder = testFolder('connections');
const file = path.join(folder, 'config');
writeFileSync(file, '');
const { uid } = statSync(file);
const isLinux = process.platform === 'linux';

const owned = (access: Omit<RpcAccess, 'ownedBy'>, of = file): RpcAccess => ({
  ...access,
  ownedBy: { file: of, setting: 'ipfsKit.kubo.url' },
});
const CONNECTION = {
  destroyed: false,
  localAddress: '127.0.0.1',
  localPort: 0xabcd,
  remoteAddress: '127.0.0.1',
  remotePort: 5001,
};
const isForeign = (error: unknown): boolean =>
  IpfsKitError.is(error, 'foreign') && error.message.includes('The token was not sent');

/** Writes connection tables as Linux does; 1389 is port 5001, and ABCD is our port. */
function tables(tcp: readonly string[], tcp6: readonly string[] = [], made = mkdtempSync(path.join(folder, 'net-'))): string {
  const head = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n';
  const row = (text: string, at: number): string => {
    const [local = '', remote = '', user = '', inode = '4711'] = text.split(' ');
    return `${at}: ${local} ${remote} 01 00000000:00000000 00:00000000 00000000 ${user}        0 ${inode} 1 0 100 0 0 10 0\n`;
  };
  writeFileSync(path.join(made, 'tcp'), head + tcp.map(row).join(''));
  writeFileSync(path.join(made, 'tcp6'), head + tcp6.map(row).join(''));
  return made;
}

const at4 = (user: number, inode = 4711): string => `0100007F:1389 0100007F:ABCD ${user} ${inode}`;
const check = (net: string, of = file, connection: Connection = CONNECTION): Promise<void> =>
  checkOwner(connection, owned({ url: 'http://127.0.0.1:5001' }, of), net);

describe('the program at the other end of a connection', () => {
  for (const [host, listening] of [
    ['127.0.0.1', '127.0.0.1'],
    ['127.0.0.1', '::'],
    ['::1', '::1'],
  ] as const)
    it(`is found for ${host}, where the program listens at ${listening}`, async () => {
      if (listening !== '127.0.0.1' && !hasIpv6()) return;
      const server = createServer().listen(0, listening);
      await once(server, 'listening');
      const socket = connect((server.address() as AddressInfo).port, host);
      await once(socket, 'connect');
      await checkOwner(socket, owned({ url: 'http://x' }));
      if (isLinux) await assert.rejects(checkOwner(socket, owned({ url: 'http://x' }, `${file}.none`)), isForeign);
      socket.destroy();
      server.close();
    });

  it('is found for a unix socket by its owner', needs(POSIX), async () => {
    const socketPath = path.join(mkdtempSync(path.join(folder, 'socket-')), 'kubo.sock');
    const server = createServer().listen(socketPath);
    await once(server, 'listening');
    await checkOwner(CONNECTION, owned({ url: 'http://kubo', socketPath }));
    if (process.platform !== 'win32')
      await assert.rejects(checkOwner(CONNECTION, owned({ url: 'http://kubo', socketPath: `${socketPath}.none` })), isForeign);
    server.close();
  });

  it('is the owner of the file, or another', async () => {
    if (!isLinux) return check(tables([at4(uid + 1)]));
    await check(tables([at4(uid)]));
    await check(tables([], [`0000000000000000FFFF00000100007F:1389 0000000000000000FFFF00000100007F:ABCD ${uid}`]));
    for (const rows of [
      [at4(uid + 1)],
      [at4(65_534)], // 65,534 stands for any unknown user.
      [`0100007F:ABCD 0100007F:1389 ${uid}`], // Our own end of the connection.
      [`0100007F:1389 0100007F:ABCE ${uid}`, `0100007F:1389 00000000:0000 ${uid}`], // Another connection, and the listening socket.
      [],
    ])
      await assert.rejects(check(tables(rows)), isForeign);
    await assert.rejects(check(tables([at4(uid)]), `${file}.none`), isForeign);
    return undefined;
  });

  it(
    'is awaited until a program has accepted the connection, and no longer than the connection lasts',
    needs('/proc'),
    async () => {
      const net = tables([at4(uid, 0)]);
      let over = false;
      const checking = check(net).finally(() => (over = true));
      await new Promise((resolve) => setTimeout(resolve, 400));
      assert.equal(over, false);
      tables([at4(uid)], [], net);
      await checking;
      const connection = { ...CONNECTION };
      const waiting = check(tables([at4(uid, 0)]), file, connection);
      connection.destroyed = true;
      await assert.rejects(waiting, isForeign);
    },
  );

  it("isn't looked up where it can't be known: other machines, and addresses that a person has set", async () => {
    await check(path.join(folder, 'none'), file, { ...CONNECTION, remoteAddress: '192.0.2.1' });
    await checkOwner(CONNECTION, { url: 'http://127.0.0.1:5001' });
  });
});

describe('a request with a token for the owner of a file', () => {
  const LIMITS = { headersMs: 2000, totalMs: 2000, maxBytes: 100 };

  it('is sent to a program of the owner', async () => {
    const server = await rawServer((_, socket) => socket.end(http('{}')));
    const access = owned({ url: server.url, authorization: 'Bearer s3cret' });
    assert.equal((await rpcRequest(access, '/x', LIMITS)).status, 200);
    assert.match(server.heads.join(), /authorization: Bearer s3cret/i);
    await server.close();
  });

  it("isn't sent to any other program, not even without the token", needs('/proc'), async () => {
    if (process.getuid?.() !== 0) return; // Only root can start a stranger.
    const port = await freePort();
    const stranger = startStranger(port);
    let received;
    try {
      await stranger.listening;
      const access = owned({ url: `http://127.0.0.1:${port}`, authorization: 'Bearer s3cret' });
      await assert.rejects(rpcRequest(access, '/x', LIMITS), isForeign);
      assert.equal((await rpcRequest({ url: access.url }, '/last', LIMITS)).status, 401);
    } finally {
      received = await stranger.end();
    }
    assert.deepEqual(received, ['GET /last none']);
  });
});
