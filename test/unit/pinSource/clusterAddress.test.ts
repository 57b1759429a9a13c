import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { clusterAddress } from '../../../src/pinSource/clusterAddress';
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
  it('is the one that its service.json names, the first of several that leads here', () => {
    assert.equal(listeningOn('/ip4/127.0.0.1/tcp/45811'), 'http://127.0.0.1:45811');
    assert.equal(listeningOn(['/ip4/192.0.2.1/tcp/1', '/ip6/::1/tcp/45812']), 'http://[::1]:45812');
    assert.equal(listeningOn('/ip4/0.0.0.0/tcp/45813'), 'http://127.0.0.1:45813');
    assert.equal(listeningOn('/ip6/::/tcp/45814'), 'http://[::1]:45814');
  });

  it('is the usual one where that says nothing, or nothing of use', () => {
    assert.equal(clusterAddress(path.join(folder, 'nowhere')), USUAL);
    for (const text of ['', '[', 'null', '{}', '{"api":null}', '{"api":{"restapi":7}}'])
      assert.equal(addressIn(text), USUAL, text);
    for (const where of [undefined, 7, '', [null], '/unix/run/x.sock', '/ip4/192.0.2.1/tcp/9094', '/ip4/127.0.0.1/tcp/99999'])
      assert.equal(listeningOn(where), USUAL, String(where));
    assert.equal(addressIn(JSON.stringify({ filler: 'x'.repeat(2 ** 18) })), USUAL);
  });
});
