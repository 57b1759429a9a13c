import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { findIpfsDesktop } from '../../../../src/daemonClient/kubo/ipfsDesktop';
import { testFolder } from '../../../support/folder';
import { needs, POSIX } from '../../../support/needs';

const folder = testFolder('desktop');

/** A home directory with this configuration of IPFS Desktop, in this folder. */
function homeWith(config: string, of: string): string {
  const home = path.join(folder, `home-${Math.random()}`);
  mkdirSync(path.join(home, of, 'IPFS Desktop'), { recursive: true });
  writeFileSync(path.join(home, of, 'IPFS Desktop', 'config.json'), config);
  return home;
}

describe('IPFS Desktop', () => {
  it('has its Kubo where its installers put it on each system', () => {
    const programs = (platform: NodeJS.Platform, home: string, environment: NodeJS.ProcessEnv = {}): readonly string[] =>
      findIpfsDesktop({ platform, home, environment }).programs.filter((file) => file.includes('kubo'));
    const below = 'app.asar.unpacked/node_modules/kubo/kubo';
    assert.deepEqual(programs('darwin', '/Users/me'), [
      `/Applications/IPFS Desktop.app/Contents/Resources/${below}/ipfs`,
      `/Users/me/Applications/IPFS Desktop.app/Contents/Resources/${below}/ipfs`,
    ]);
    assert.deepEqual(programs('linux', '/home/me'), [
      `/opt/IPFS Desktop/resources/${below}/ipfs`,
      `/opt/ipfs-desktop/resources/${below}/ipfs`,
      `/snap/ipfs-desktop/current/resources/${below}/ipfs`,
    ]);
    const windows = programs('win32', 'C:\\Users\\me', { LOCALAPPDATA: 'D:\\Local', ProgramFiles: 'C:\\Programs' });
    assert.deepEqual(
      windows.map((file) => file.replaceAll('\\', '/').replace(`/resources/${below}/ipfs.exe`, '')),
      [
        'D:/Local/Programs/IPFS Desktop',
        'D:/Local/Programs/ipfs-desktop',
        'C:/Programs/IPFS Desktop',
        'C:/Programs/ipfs-desktop',
      ],
    );
  });

  it('names its repository and another Kubo in its configuration, also as a snap and on macOS', needs(POSIX), () => {
    const config = JSON.stringify({ ipfsConfig: { type: 'go', path: '/data/ipfs' }, binaryPath: '/opt/kubo/ipfs' });
    for (const [platform, of] of [
      ['linux', '.config'],
      ['linux', 'snap/ipfs-desktop/current/.config'],
      ['darwin', 'Library/Application Support'],
    ] as const) {
      const { repository, programs } = findIpfsDesktop({ platform, home: homeWith(config, of), environment: {} });
      assert.deepEqual([repository, programs[0]], ['/data/ipfs', '/opt/kubo/ipfs'], of);
    }
  });

  it('names none where its configuration is damaged, empty, or names no absolute path', () => {
    const configs = ['', '[]', '{"ipfsConfig":7}', '{"ipfsConfig":{"path":""}}', '{"ipfsConfig":{"path":"ipfs"},"binaryPath":3}'];
    for (const config of configs) {
      const { repository, programs } = findIpfsDesktop({ platform: 'linux', home: homeWith(config, '.config'), environment: {} });
      assert.equal(repository, undefined, config);
      assert.ok(
        programs.every((file) => file.endsWith('/ipfs')),
        config,
      );
    }
  });
});
