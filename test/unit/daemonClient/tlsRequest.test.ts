import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, it } from 'node:test';
import { probePinningService } from '../../../src/daemonClient/pinningService';
import { tlsRequest } from '../../../src/daemonClient/tlsRequest';
import { IpfsKitError } from '../../../src/ipfsKitError';
import { selfSigned } from '../../support/certificate';
import { testFolder } from '../../support/folder';
import type { TlsServer } from '../../support/tlsServer';
import { tlsServer } from '../../support/tlsServer';

const folder = testFolder('tls');
const LIMITS = { headersMs: 5000, totalMs: 5000, maxBytes: 1000 };
const TOKEN = 'Bearer s3cret';
const NO_PINS = '{"count":0,"results":[]}';
/** The SHA-256 of nothing but `x`, as a raw block. */
const CID = 'bafkreibnoe2rcltcs2cs62egrmhg6uckhb2mcjoakpqnzcmkz4ncnn2d2q';
const mine = selfSigned('localhost', '127.0.0.1');

let server: TlsServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function started(certificate = mine): Promise<TlsServer> {
  return (server = await tlsServer(certificate, NO_PINS));
}

const isForeign = (error: unknown): boolean => IpfsKitError.is(error, 'foreign');

describe('a request over TLS', () => {
  it('is made where the certificate is trusted and is for the name, which localhost keeps though it is 127.0.0.1', async () => {
    const { port, requests } = await started();
    for (const host of ['localhost', 'LOCALHOST.', '127.0.0.1'])
      assert.equal((await tlsRequest(`https://${host}:${port}/`, LIMITS, [mine.cert])).status, 200, host);
    assert.deepEqual(
      requests.map(({ name }) => name),
      ['localhost', 'localhost', undefined],
    );
    assert.match(requests[0]?.text ?? '', new RegExp(`\r\nHost: localhost:${port}\r\n`, 'i'));
  });

  it('is not made where the certificate is for another name', async () => {
    const other = selfSigned('pins.example');
    const { port, requests } = await started(other);
    for (const host of ['localhost', '127.0.0.1'])
      await assert.rejects(tlsRequest(`https://${host}:${port}/`, LIMITS, [other.cert]), isForeign);
    assert.equal(requests.length, 0);
  });

  it('is not made where nobody vouches for the certificate, and no token is sent', async () => {
    const { port, requests, connections } = await started();
    const access = { url: `https://127.0.0.1:${port}`, authorization: TOKEN };
    assert.equal((await probePinningService(access)).state, 'foreign');
    assert.deepEqual([connections(), requests.length], [1, 0]);
  });

  it('trusts no one by a variable', async () => {
    const { port, requests, connections } = await started();
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
    try {
      const access = { url: `https://localhost:${port}`, authorization: TOKEN };
      assert.equal((await probePinningService(access)).state, 'foreign');
    } finally {
      delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
    }
    assert.deepEqual([connections(), requests.length], [1, 0]);
  });

  it('trusts no one by a variable that the process was started with', async () => {
    const { port, requests, connections } = await started();
    const file = path.join(mkdtempSync(path.join(folder, 'ca-')), 'ca.pem');
    writeFileSync(file, mine.cert);
    const environments: readonly Record<string, string>[] = [
      { NODE_TLS_REJECT_UNAUTHORIZED: '0' },
      { NODE_EXTRA_CA_CERTS: file },
      { SSL_CERT_FILE: file, NODE_OPTIONS: '--use-openssl-ca' },
    ];
    for (const [at, environment] of environments.entries()) {
      const { status, told } = await cat(`https://localhost:${port}`, environment);
      assert.equal(status, 1);
      assert.match(told, /answers, but not as one that can be trusted/, JSON.stringify(environment));
      assert.deepEqual([connections(), requests.length], [at + 1, 0]);
    }
  });
});

/** `npm run cat` of a block that only this gateway could have. */
function cat(gateway: string, environment: Record<string, string>): Promise<{ status: number | null; told: string }> {
  const args = [path.join(process.cwd(), 'dist/cli/vfs.js'), 'cat', CID, '--repo', folder, '--gateway', gateway];
  const child = spawn(process.execPath, args, { env: { ...process.env, ...environment }, stdio: ['ignore', 'ignore', 'pipe'] });
  let told = '';
  child.stderr.on('data', (data: Buffer) => (told += data.toString()));
  return new Promise((resolve) => child.on('close', (status) => resolve({ status, told })));
}
