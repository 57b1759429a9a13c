import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createDaemonSources } from '../../../src/pinSource/daemonSources';
import type { SourceSettings } from '../../../src/settings';
import { testFolder } from '../../support/folder';

const folder = testFolder('daemon-sources');
const repositoryAt = (name: string): string => {
  const made = path.join(folder, name);
  mkdirSync(made);
  writeFileSync(path.join(made, 'config'), '{}');
  return made;
};
const [first, second] = [repositoryAt('first'), repositoryAt('second')];

function sourcesOf(set: { repository: string } & Partial<SourceSettings>) {
  return createDaemonSources({
    repository: () => set.repository,
    isRepositorySet: () => false,
    settings: () => ({ wanted: ['kubo', 'services'], kuboUrl: undefined, clusterUrl: undefined, kuboCommand: [], indirect: false, services: [], ...set }), // prettier-ignore
    authorization: () => Promise.resolve(undefined),
  });
}

describe('the places besides ipfs_kit_py', () => {
  it('are the same as long as they are set to the same, and others where they are set to others', () => {
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
  });

  it('tell when a daemon has come to the repository that is set', async () => {
    const told: string[] = [];
    const [there] = sourcesOf({ repository: first })();
    const watching = there?.watch?.(() => told.push('there'));
    writeFileSync(path.join(first, 'api'), '/ip4/127.0.0.1/tcp/1');
    for (const end = Date.now() + 10_000; told.length === 0 && Date.now() < end;) await sleep(50);
    assert.deepEqual(told, ['there']);
    watching?.dispose();
  });
});
