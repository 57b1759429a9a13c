import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import type { Settings } from '../../../src/settings';
import { browserGateway } from '../../../src/vfs/editor/browserGateway';
import { testFolder } from '../../support/folder';

const folder = testFolder('browser-gateway');

function gatewayWith(set: unknown, file?: string): string {
  const repository = mkdtempSync(path.join(folder, 'repo-'));
  if (file !== undefined) writeFileSync(path.join(repository, 'gateway'), file);
  const settings: Pick<Settings, 'machine' | 'content'> = {
    machine: () => set,
    content: { value: () => ({ repository, isRepositorySet: false, gateways: [] }) },
  };
  return browserGateway(settings);
}

describe('where a browser is sent to', () => {
  it('is what is set, before all', () =>
    assert.equal(gatewayWith('https://ipfs.example/', 'http://127.0.0.1:1'), 'https://ipfs.example'));

  it('is the gateway of the Kubo of this machine while that runs', () => {
    assert.equal(gatewayWith('', 'http://127.0.0.1:45802\n'), 'http://127.0.0.1:45802');
    assert.equal(gatewayWith(undefined, 'http://[::1]:45802'), 'http://[::1]:45802');
  });

  it('is the usual one where neither says anything of use', () => {
    for (const file of [undefined, '', 'nonsense', 'http://192.0.2.1:80', 'file:///etc/passwd', 'x'.repeat(5000)])
      assert.equal(gatewayWith('not a URL', file), 'http://localhost:8080', file?.slice(0, 30));
  });
});
