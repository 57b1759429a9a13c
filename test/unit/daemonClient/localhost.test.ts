import assert from 'node:assert/strict';
import dns from 'node:dns';
import { isIP } from 'node:net';
import { describe, it } from 'node:test';
import { probeCluster } from '../../../src/daemonClient/cluster/clusterRest';
import { httpRequest } from '../../../src/daemonClient/http';
import { probeKubo } from '../../../src/daemonClient/kubo/kuboRpc';
import { probePinningService } from '../../../src/daemonClient/pinningService/pinningService';
import { accessWith } from '../../../src/daemonClient/rpcAccess';
import { parseRpcUrl } from '../../../src/daemonClient/rpcUrl';
import { IpfsKitError } from '../../../src/base/ipfsKitError';
import { gatewaySource } from '../../../src/vfs/gatewayBlocks';
import { parseCid } from '../../../src/vfs/ipfsPath';
import { freePort } from '../../support/freePort';
import { hasIpv6 } from '../../support/hasIpv6';
import type { RawServer } from './rawServer';
import { http, rawServer } from './rawServer';

const LIMITS = { headersMs: 1000, totalMs: 1000, maxBytes: 1000 };
const TOKEN = 'Bearer s3cret';
const NAMES = ['localhost', 'LOCALHOST', 'localhost.', 'kubo.localhost'];
const signal = new AbortController().signal;

/** Responds to every request as the server that the client expects. */
const CREDULOUS = http(
  '{"ID":"12D3KooWSdXgMJ4zedJFifGaNJFeDhuyiNYPSgHidbMaJztqGZ1L","id":"x","cluster_peers":[],"count":0,"results":[]}',
);

const real = dns.lookup;
/** A resolver, or hosts file, that resolves every name to [::1]. */
const lookup = ((host: string, options: { readonly all?: boolean }, callback: (...answer: unknown[]) => void): void => {
  if (isIP(host) !== 0) return real(host, options, callback);
  setImmediate(() => (options.all === true ? callback(null, [{ address: '::1', family: 6 }]) : callback(null, '::1', 6)));
}) as typeof dns.lookup;

/** Runs `check` beside a stranger on [::1], if this system has it, to which all names resolve, on a port that is free at 127.0.0.1. */
async function withStranger(check: (port: number) => Promise<void>): Promise<void> {
  const port = await freePort();
  let stranger: RawServer | undefined;
  if (hasIpv6()) stranger = await rawServer((_, socket) => void socket.end(CREDULOUS), '::1', port);
  dns.lookup = lookup;
  try {
    await check(port);
    assert.deepEqual(stranger?.requests ?? [], []);
  } finally {
    dns.lookup = real;
    await stranger?.close();
  }
}

describe('localhost', () => {
  it("is 127.0.0.1: another program on [::1] with the same port isn't contacted, and gets no token", async () => {
    await withStranger(async (port) => {
      for (const name of NAMES) {
        const access = accessWith({ url: parseRpcUrl(`http://${name}:${port}`) }, TOKEN);
        for (const probe of [probeKubo(access), probeCluster(access), probePinningService(access)])
          assert.equal((await probe).state, 'absent', name);
        const block = gatewaySource(access.url).get(parseCid('bafkqaaa'), signal);
        await assert.rejects(block, (error) => IpfsKitError.is(error, 'refused'));
      }
    });
  });

  it('is requested at 127.0.0.1 if both listen, with the host name as written', async () => {
    await withStranger(async (port) => {
      const mine = await rawServer((_, socket) => void socket.end(http('{}')), '127.0.0.1', port);
      try {
        for (const name of NAMES) await httpRequest(`http://${name}:${port}/x`, { ...LIMITS, authorization: TOKEN });
        assert.equal(mine.requests.length, NAMES.length);
        assert.match(mine.heads[0] ?? '', new RegExp(`\r\nHost: localhost:${port}\r\n`, 'i'));
      } finally {
        await mine.close();
      }
    });
  });

  it('is not [::1], which is used only if written literally', async () => {
    if (!hasIpv6()) return assert.rejects(httpRequest('http://[::1]:1/', LIMITS));
    const six = await rawServer((_, socket) => void socket.end(http('{}')), '::1');
    try {
      assert.equal((await httpRequest(`http://[::1]:${six.port}/`, LIMITS)).status, 200);
    } finally {
      await six.close();
    }
    return undefined;
  });
});
