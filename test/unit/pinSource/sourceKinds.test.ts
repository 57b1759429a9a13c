import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createSources, SOURCE_KINDS } from '../../../src/pinSource/sourceKinds';
import type { SourceSettings } from '../../../src/base/settingTypes';
import { selfSigned } from '../../support/certificate';
import { testFolder } from '../../support/folder';
import { sourceParts } from '../../support/sourceParts';
import { tlsServer } from '../../support/tlsServer';

const folder = testFolder('source-kinds');
const repositoryAt = (name: string): string => {
  const made = path.join(folder, name);
  mkdirSync(made);
  writeFileSync(path.join(made, 'config'), '{}');
  return made;
};
const [first, second] = [repositoryAt('first'), repositoryAt('second')];

function sourcesOf(
  set: { repository: string } & Partial<SourceSettings>,
  certificates: Readonly<Record<string, string>> = {},
  isSet = false,
) {
  return createSources(
    sourceParts({
      repository: () => set.repository,
      isRepositorySet: () => isSet,
      set: () => ({ wanted: ['kubo', 'services'], ...set }),
      ways: () => ({ certificates, environment: {} }),
    }),
  );
}

describe('the sources of the table of kinds', () => {
  it('are those that the settings name, in the order of the table', () => {
    const services = [{ name: 'mine', url: 'http://127.0.0.1:9097' }];
    const of = (...wanted: readonly string[]) =>
      sourcesOf({ repository: first, clusterUrl: 'http://127.0.0.1:9094', services, wanted })().map(({ id }) => id);
    const all = SOURCE_KINDS.map(({ id }) => id);
    assert.deepEqual(all, ['ipfs_kit_py', 'kubo', 'files', 'cluster', 'services']);
    assert.deepEqual(of(...all), ['ipfs_kit_py', 'kubo', 'files', 'cluster', 'service:mine']);
    assert.deepEqual(of('services', 'kubo'), ['kubo', 'service:mine']);
    assert.deepEqual(of('another'), []);
    const usual = createSources(sourceParts({ set: () => ({ wanted: undefined, services }) }))().map(({ id }) => id);
    assert.deepEqual(usual, ['ipfs_kit_py', 'service:mine'], 'all kinds, where the settings name none');
  });

  it('are expected if found on disk or set', () => {
    const of = (repository: string, isSet: boolean) => sourcesOf({ repository }, {}, isSet)().length;
    assert.equal(of(first, false), 1);
    assert.equal(of('/nowhere', false), 0);
    assert.equal(of('/nowhere', true), 1, 'a repository that is set and missing is reported');
  });

  it('are the same objects as long as their settings are the same', () => {
    const set: { repository: string } & { -readonly [Key in keyof SourceSettings]?: SourceSettings[Key] } = {
      repository: first,
      services: [{ name: 'mine', url: 'http://127.0.0.1:9097' }],
    };
    const sources = sourcesOf(set);
    const [kubo, service] = sources();
    assert.deepEqual([kubo?.id, service?.id], ['kubo', 'service:mine']);
    assert.deepEqual(sources(), [kubo, service]);
    set.repository = second;
    set.services = [{ name: 'mine', url: 'http://127.0.0.1:9098' }];
    const [otherKubo, otherService] = sources();
    assert.deepEqual([otherKubo?.id, otherService?.id], ['kubo', 'service:mine']);
    assert.ok(otherKubo !== kubo && otherService !== service);
    set.repository = first;
    assert.equal(sources()[0], kubo);
    set.wanted = ['cluster'];
    const clusters = ['http://127.0.0.1:9094', 'http://127.0.0.1:9194'].map((clusterUrl) => {
      set.clusterUrl = clusterUrl;
      return sources()[0];
    });
    assert.ok(
      clusters[0] && clusters[1] && clusters[0] !== clusters[1],
      'an old row acts on the cluster that it was listed from',
    );
  });

  it('tell when a daemon has come to the repository that is set', async () => {
    const notifications: string[] = [];
    const [there] = sourcesOf({ repository: first })();
    const watching = there?.watch?.(() => notifications.push('there'));
    writeFileSync(path.join(first, 'api'), '/ip4/127.0.0.1/tcp/1');
    for (const end = Date.now() + 10_000; notifications.length === 0 && Date.now() < end;) await sleep(50);
    assert.deepEqual(notifications, ['there']);
    watching?.dispose();
  });
});

describe('a cluster that speaks TLS with a self-signed certificate, for no name', () => {
  const ID = { id: '12D3KooWJEfH2MB4RsUoaJPogDPRWbFTi8iehsxsqrQpiJwFNDrP', cluster_peers: [] };
  const [mine, another] = [selfSigned('node.example'), selfSigned('127.0.0.1')];

  it('is trusted by its service.json, or by the setting for its address; another certificate there is not', async () => {
    const server = await tlsServer(mine, JSON.stringify(ID));
    const made = path.join(folder, 'cluster');
    mkdirSync(made);
    const [cert, other] = [path.join(made, 'cert.pem'), path.join(made, 'other.pem')];
    writeFileSync(cert, mine.cert);
    writeFileSync(other, another.cert);
    const listening = { http_listen_multiaddress: `/ip4/127.0.0.1/tcp/${server.port}` };
    const named = (file: string): void =>
      writeFileSync(
        path.join(made, 'service.json'),
        JSON.stringify({ api: { restapi: { ...listening, ssl_cert_file: file, ssl_key_file: 'key.pem' } } }),
      );
    const url = `https://127.0.0.1:${server.port}`;
    const before = process.env['IPFS_CLUSTER_PATH'];
    process.env['IPFS_CLUSTER_PATH'] = made;
    try {
      const state = async (set: Partial<SourceSettings>, certificates?: Readonly<Record<string, string>>) => {
        const [source] = sourcesOf({ repository: first, wanted: ['cluster'], ...set }, certificates)();
        const { state, detail } = (await source?.probe()) ?? {};
        if (detail?.endsWith(`none.pem doesn't exist. Correct ${path.join(made, 'service.json')}.`))
          return 'service.json is at fault';
        return `${state}${detail?.includes('Only the certificates in') ? ', another is expected' : ''}`;
      };
      named('cert.pem');
      assert.equal(await state({}), 'up');
      assert.equal(await state({ clusterUrl: url }), 'foreign', 'the file speaks of no address that is set');
      assert.equal(await state({ clusterUrl: url }, { [url]: cert }), 'up');
      assert.equal(await state({ clusterUrl: url }, { [url]: other }), 'foreign, another is expected');
      named('other.pem');
      assert.equal(await state({}), 'foreign, another is expected');
      assert.equal(await state({}, { [url]: cert }), 'up', "the user's setting decides");
      named('none.pem');
      assert.equal(await state({}), 'service.json is at fault');
    } finally {
      if (before === undefined) delete process.env['IPFS_CLUSTER_PATH'];
      else process.env['IPFS_CLUSTER_PATH'] = before;
      await server.close();
    }
  });
});
