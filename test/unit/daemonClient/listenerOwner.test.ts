import assert from 'node:assert/strict';
import { mkdtempSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { describe, it } from 'node:test';
import { listenersAt, whoListens } from '../../../src/daemonClient/listenerOwner';
import { freePort } from '../../support/freePort';
import { testFolder } from '../../support/folder';
import { hasIpv6 } from '../../support/hasIpv6';
import { rawServer } from './rawServer';

const folder = testFolder('listeners');
const me = process.getuid?.() ?? -1;
const isTold = process.platform === 'linux';

/** Tables as Linux writes them; 1389 is port 5001. */
function tables(tcp: readonly string[], tcp6: readonly string[] = []): string {
  const made = mkdtempSync(path.join(folder, 'net-'));
  const head = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n';
  const row = (text: string, at: number): string => {
    const [local = '', state = '', uid = ''] = text.split(' ');
    return `${at}: ${local} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000 ${uid} 0 4711 1 0 100 0 0 10 0\n`;
  };
  writeFileSync(path.join(made, 'tcp'), head + tcp.map(row).join(''));
  writeFileSync(path.join(made, 'tcp6'), head + tcp6.map(row).join(''));
  return made;
}

describe('who listens on a port', () => {
  for (const host of ['127.0.0.1', '::1', '0.0.0.0', '::'])
    it(`is told of ${host} by its user`, async () => {
      const server = await rawServer(() => undefined, hasIpv6() ? host : '127.0.0.1');
      try {
        const asked = host === '::1' && hasIpv6() ? '[::1]' : 'localhost';
        assert.deepEqual(await listenersAt({ url: `http://${asked}:${server.port}` }), isTold ? [me] : undefined);
      } finally {
        await server.close();
      }
    });

  it('is nobody where nobody listens, and not told of another machine', async () => {
    assert.deepEqual(await listenersAt({ url: `http://127.0.0.1:${await freePort()}` }), isTold ? [] : undefined);
    assert.equal(await listenersAt({ url: 'http://192.0.2.1:5001' }), undefined);
    assert.equal(await listenersAt({ url: 'https://pins.example' }), undefined);
  });

  it('is told of a unix socket by its owner', async () => {
    const socketPath = path.join(mkdtempSync(path.join(folder, 'socket-')), 'kubo.sock');
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(socketPath, resolve));
    assert.deepEqual(await listenersAt({ url: 'http://kubo', socketPath }), process.platform === 'win32' ? undefined : [me]);
    server.close();
    assert.equal(await listenersAt({ url: 'http://kubo', socketPath: `${socketPath}.none` }), undefined);
  });

  it('is everybody who can be meant: by that address, within IPv6, or by any; no connection, no other port', async () => {
    const net = tables(
      ['0100007F:1389 0A 1', '00000000:1389 0A 2', '0100007F:1389 01 9', '0100007F:138A 0A 9', '0200007F:1389 0A 9'],
      [
        '0000000000000000FFFF00000100007F:1389 0A 3',
        '00000000000000000000000000000000:1389 0A 4',
        '00000000000000000000000001000000:1389 0A 5',
      ],
    );
    if (!isTold) return assert.equal(await listenersAt({ url: 'http://127.0.0.1:5001' }, net), undefined);
    assert.deepEqual(await listenersAt({ url: 'http://127.0.0.1:5001' }, net), [1, 2, 3, 4]);
    assert.deepEqual(await listenersAt({ url: 'http://[::1]:5001' }, net), [4, 5]);
    assert.equal(await listenersAt({ url: 'http://127.0.0.1:5001' }, path.join(net, 'none')), undefined);
    return undefined;
  });

  it('is the owner of a file, another, or nobody', async () => {
    const file = path.join(folder, 'config');
    writeFileSync(file, '');
    const { uid } = statSync(file);
    const who = (net: string, of = file) => whoListens({ url: 'http://127.0.0.1:5001' }, of, net);
    if (!isTold) return assert.equal(await who(tables([])), 'owner');
    const at = (...uids: readonly number[]): string => tables(uids.map((each) => `0100007F:1389 0A ${each}`));
    assert.equal(await who(at(uid, uid)), 'owner');
    assert.equal(await who(at(uid + 1)), 'other');
    assert.equal(await who(at(uid, uid + 1)), 'other');
    assert.equal(await who(at(65_534)), 'other'); // stands for any that is not known here
    assert.equal(await who(at(uid), `${file}.none`), 'other');
    assert.equal(await who(at()), 'nobody');
    return undefined;
  });
});
