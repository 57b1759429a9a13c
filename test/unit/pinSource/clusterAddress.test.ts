import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { clusterAddress, ownCluster } from '../../../src/pinSource/clusterAddress';
import { testFolder } from '../../support/folder';

const folder = testFolder('cluster-address');
const addressIn = (text: string): string => {
  const made = mkdtempSync(path.join(folder, 'cluster-'));
  writeFileSync(path.join(made, 'service.json'), text);
  return clusterAddress(made);
};
const listeningOn = (where: unknown): string =>
  addressIn(JSON.stringify({ api: { restapi: { http_listen_multiaddress: where } } }));
const USUAL = 'http://127.0.0.1:9094';

describe('the address of the cluster of this machine', () => {
  it('is the one in its service.json: the first of several that leads to this machine', () => {
    assert.equal(listeningOn('/ip4/127.0.0.1/tcp/45811'), 'http://127.0.0.1:45811');
    assert.equal(listeningOn(['/ip4/192.0.2.1/tcp/1', '/ip6/::1/tcp/45812']), 'http://[::1]:45812');
    assert.equal(listeningOn('/ip4/0.0.0.0/tcp/45813'), 'http://127.0.0.1:45813');
    assert.equal(listeningOn('/ip6/::/tcp/45814'), 'http://[::1]:45814');
  });

  it('is the default if the file is missing or of no use', () => {
    assert.equal(clusterAddress(path.join(folder, 'nowhere')), USUAL);
    for (const text of ['', '[', 'null', '{}', '{"api":null}', '{"api":{"restapi":7}}'])
      assert.equal(addressIn(text), USUAL, text);
    for (const where of [undefined, 7, '', [null], '/unix/run/x.sock', '/ip4/192.0.2.1/tcp/9094', '/ip4/127.0.0.1/tcp/99999'])
      assert.equal(listeningOn(where), USUAL, String(where));
    assert.equal(addressIn(JSON.stringify({ filler: 'x'.repeat(2 ** 18) })), USUAL);
  });
});

describe('the certificate of the cluster of this machine', () => {
  const at = (restapi: Readonly<Record<string, unknown>>): ReturnType<typeof ownCluster> & { readonly folder: string } => {
    const made = mkdtempSync(path.join(folder, 'cluster-'));
    writeFileSync(path.join(made, 'service.json'), JSON.stringify({ api: { restapi } }));
    return { ...ownCluster(made), folder: made };
  };
  const listening = { http_listen_multiaddress: '/ip4/127.0.0.1/tcp/45811' };

  it('is the one that its service.json names, and its address is https then', () => {
    const absolute = at({ ...listening, ssl_cert_file: '/x/cert.pem', ssl_key_file: '/x/key.pem' });
    assert.deepEqual([absolute.url, absolute.certificate], ['https://127.0.0.1:45811', path.resolve('/x/cert.pem')]);
    const relative = at({ ssl_cert_file: 'cert.pem', ssl_key_file: 'key.pem' });
    assert.deepEqual([relative.url, relative.certificate], ['https://127.0.0.1:9094', path.join(relative.folder, 'cert.pem')]);
  });

  it('is undefined where one of the two files is missing, as for the cluster itself', () => {
    for (const files of [
      {},
      { ssl_cert_file: '/x' },
      { ssl_key_file: '/x' },
      { ssl_cert_file: '', ssl_key_file: '/x' },
      { ssl_cert_file: 7, ssl_key_file: [] },
    ]) {
      const { url, certificate } = at({ ...listening, ...files });
      assert.deepEqual([url, certificate], ['http://127.0.0.1:45811', undefined], JSON.stringify(files));
    }
  });
});
