import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { watchKuboAddress } from '../../../../src/daemonClient/kubo/watchKuboAddress';
import { testFolder } from '../../../support/folder';

const folder = testFolder('watch-kubo-address');

describe('the address of a Kubo', () => {
  it('is reported when it appears and disappears; other changes in the repository are not', async () => {
    const repository = path.join(folder, 'repository');
    mkdirSync(repository);
    const alive = setInterval(() => undefined, 1000); // The watch doesn't keep the process running.
    const changes = new EventTarget();
    let notifications = 0;
    const watching = watchKuboAddress(repository, () => {
      notifications++;
      changes.dispatchEvent(new Event('change'));
    });
    writeFileSync(path.join(repository, 'repo.lock'), '');
    await sleep(700);
    assert.equal(notifications, 0);

    const came = once(changes, 'change');
    writeFileSync(path.join(repository, '.api-1'), '/ip4/127.0.0.1/tcp/5001');
    renameSync(path.join(repository, '.api-1'), path.join(repository, 'api')); // Kubo replaces the file in the same way.
    await came;
    const went = once(changes, 'change');
    rmSync(path.join(repository, 'api'));
    await went;
    assert.equal(notifications, 2);

    watching.dispose();
    writeFileSync(path.join(repository, 'api'), '');
    await sleep(700);
    assert.equal(notifications, 2);
    clearInterval(alive);
  });

  it('is waited for where no repository is: that is reported once it is made, and again when its daemon starts', async () => {
    const repository = path.join(folder, 'later');
    const alive = setInterval(() => undefined, 1000);
    const changes = new EventTarget();
    const watching = watchKuboAddress(repository, () => void changes.dispatchEvent(new Event('change')), { pollMs: 20 });
    await sleep(100);
    const made = once(changes, 'change');
    mkdirSync(repository);
    writeFileSync(path.join(repository, 'config'), '{}');
    await made;
    const started = once(changes, 'change');
    writeFileSync(path.join(repository, 'api'), '/ip4/127.0.0.1/tcp/5001');
    await started;
    watching.dispose();
    clearInterval(alive);
  });

  it('is reported again after the repository was removed and made anew', async () => {
    const repository = path.join(folder, 'anew');
    const address = path.join(repository, 'api');
    mkdirSync(repository);
    writeFileSync(address, '/ip4/127.0.0.1/tcp/5001');
    const alive = setInterval(() => undefined, 1000);
    const changes = new EventTarget();
    const watching = watchKuboAddress(repository, () => void changes.dispatchEvent(new Event('change')), { pollMs: 20 });
    const replaced = once(changes, 'change');
    rmSync(repository, { recursive: true });
    mkdirSync(repository);
    await replaced;
    const started = once(changes, 'change');
    writeFileSync(address, '/ip4/127.0.0.1/tcp/5001');
    await started;
    watching.dispose();
    clearInterval(alive);
  });
});
