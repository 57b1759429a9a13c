import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { afterEach, describe, it } from 'node:test';
import { probePinningService } from '../../../src/daemonClient/pinningService/pinningService';
import { tlsRequest } from '../../../src/daemonClient/tlsRequest';
import { IpfsKitError } from '../../../src/base/ipfsKitError';
import { selfSigned } from '../../support/certificate';
import { testFolder } from '../../support/folder';
import type { TlsServer } from '../../support/tlsServer';
import { tlsServer } from '../../support/tlsServer';

const folder = testFolder('tls');
const LIMITS = { headersMs: 5000, totalMs: 5000, maxBytes: 1000 };
const TOKEN = 'Bearer s3cret';
const NO_PINS = '{"count":0,"results":[]}';
/** The raw block of the one byte `x`, with SHA-256. */
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

const isUntrusted = (error: unknown): boolean => IpfsKitError.is(error, 'certificate');

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

  it('is not made where the certificate is for another host name', async () => {
    const other = selfSigned('pins.example');
    const { port, requests } = await started(other);
    for (const host of ['localhost', '127.0.0.1'])
      await assert.rejects(tlsRequest(`https://${host}:${port}/`, LIMITS, [other.cert]), isUntrusted);
    assert.equal(requests.length, 0);
  });

  it("isn't made if the certificate isn't trusted, and no token is sent", async () => {
    const { port, requests, connections } = await started();
    const access = { url: `https://127.0.0.1:${port}`, authorization: TOKEN };
    const { state, reason, detail } = await probePinningService(access);
    assert.deepEqual([state, reason], ['foreign', 'certificate']);
    assert.match(detail, /isn't trusted: it is self-signed \(DEPTH_ZERO_SELF_SIGNED_CERT\)\. .*ipfsKit\.tls\.certificates\.$/);
    assert.deepEqual([connections(), requests.length], [1, 0]);
  });

  it('trusts nothing because of a variable', async () => {
    const { port, requests, connections } = await started();
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
    try {
      const access = { url: `https://localhost:${port}`, authorization: TOKEN };
      assert.equal((await probePinningService(access)).reason, 'certificate');
    } finally {
      delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
    }
    assert.deepEqual([connections(), requests.length], [1, 0]);
  });

  it('trusts nothing because of a variable that the process was started with', async () => {
    const { port, requests, connections } = await started();
    const file = path.join(mkdtempSync(path.join(folder, 'ca-')), 'ca.pem');
    writeFileSync(file, mine.cert);
    const environments: readonly Record<string, string>[] = [
      { NODE_TLS_REJECT_UNAUTHORIZED: '0' },
      { NODE_EXTRA_CA_CERTS: file },
      { SSL_CERT_FILE: file, NODE_OPTIONS: '--use-openssl-ca' },
    ];
    for (const [at, environment] of environments.entries()) {
      const { status, errors } = await cat(`https://localhost:${port}`, environment);
      assert.equal(status, 1);
      assert.match(errors, /isn't trusted: it is self-signed/, JSON.stringify(environment));
      assert.doesNotMatch(errors, /ipfsKit\./);
      assert.deepEqual([connections(), requests.length], [at + 1, 0]);
    }
  });
});

describe('a certificate that is chosen for an address', () => {
  const fileOf = (name: string, text: string): string => {
    const file = path.join(mkdtempSync(path.join(folder, 'chosen-')), name);
    writeFileSync(file, text);
    return file;
  };
  const nameless = selfSigned('node.example');

  it('is trusted there without a name, and no other is, not even one for the right name', async () => {
    const { port, requests } = await started(nameless);
    const url = `https://127.0.0.1:${port}/`;
    const chosen = fileOf('cert.pem', `${nameless.key}${nameless.cert}`); // The private key in the same file isn't used.
    assert.equal((await tlsRequest(url, { ...LIMITS, way: { certificate: chosen } })).status, 200);
    const another = fileOf('another.pem', mine.cert);
    await assert.rejects(tlsRequest(url, { ...LIMITS, way: { certificate: another } }), (error) => {
      assert.ok(isUntrusted(error));
      assert.ok(String(error).includes(`Only the certificates in ${another} are trusted there`), String(error));
      return true;
    });
    assert.equal(requests.length, 1);
  });

  it('is reported if it has expired', async () => {
    const old = selfSigned({ names: ['localhost'], endsMs: Date.now() - 1000 });
    const { port, requests } = await started(old);
    const way = { certificate: fileOf('old.pem', old.cert) };
    await assert.rejects(
      tlsRequest(`https://localhost:${port}/`, { ...LIMITS, way }),
      (error) => isUntrusted(error) && String(error).includes('has expired (CERT_HAS_EXPIRED). Renew it'),
    );
    assert.equal(requests.length, 0);
  });

  it('is reported if its file is unusable, and no request is sent', async () => {
    const { port, connections } = await started(nameless);
    for (const [file, text] of [
      [path.join(folder, 'none.pem'), /doesn't exist/],
      [folder, /can't be read/],
      [fileOf('key.pem', nameless.key), /contains no certificate/],
      [
        fileOf('broken.pem', nameless.cert + nameless.cert.replace(/MI/, 'XX')),
        /Certificate 2 of 2 in .* is damaged\. Correct ipfsKit\.tls\.certificates\.$/,
      ],
      [fileOf('big.pem', nameless.cert.padEnd(2 ** 18 + 1, ' ')), /can't be read/],
    ] as const)
      await assert.rejects(
        tlsRequest(`https://localhost:${port}/`, { ...LIMITS, way: { certificate: file } }),
        (error) => isUntrusted(error) && text.test(String(error)),
      );
    assert.equal(connections(), 0);
    const way = { certificate: path.join(folder, 'none.pem'), certificateNamedIn: '/c/service.json' };
    await assert.rejects(
      tlsRequest(`https://localhost:${port}/`, { ...LIMITS, way }),
      /doesn't exist\. Correct \/c\/service\.json\.$/,
    );
  });

  it('is not requested from a server without TLS', async () => {
    const plain = createServer((_, response) => response.end('{}'));
    await once(plain.listen(0, '127.0.0.1'), 'listening');
    const { port } = plain.address() as AddressInfo;
    await assert.rejects(
      tlsRequest(`https://127.0.0.1:${port}/`, LIMITS),
      (error) => IpfsKitError.is(error, 'foreign') && error.message.includes('not over TLS. Try http:'),
    );
    plain.close();
  });
});

/** Runs `npm run cat` for a block that only this gateway has. */
function cat(gateway: string, environment: Record<string, string>): Promise<{ status: number | null; errors: string }> {
  const args = [path.join(process.cwd(), 'dist/cli/kit.js'), 'cat', CID, '--repo', folder, '--gateway', gateway];
  const child = spawn(process.execPath, args, { env: { ...process.env, ...environment }, stdio: ['ignore', 'ignore', 'pipe'] });
  let errors = '';
  child.stderr.on('data', (data: Buffer) => (errors += data.toString()));
  return new Promise((resolve) => child.on('close', (status) => resolve({ status, errors })));
}
