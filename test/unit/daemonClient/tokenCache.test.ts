import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { createClusterSource } from '../../../src/pinSource/clusterSource';
import { savedTokens } from '../../../src/daemonClient/tokenCache';
import { createKuboSource } from '../../../src/pinSource/kuboSource';
import { createPinningServiceSource } from '../../../src/pinSource/pinningServiceSource';
import { testFolder } from '../../support/folder';
import { json, withStandIn } from '../../support/daemonStandIn';
import type { ReplayedRequest } from '../../support/replayServer';

const folder = testFolder('kept-tokens');
const PEER = '12D3KooWSdXgMJ4zedJFifGaNJFeDhuyiNYPSgHidbMaJztqGZ1L';
const TOKEN = 'Bearer s3cret';
const KEYRING = 'Error calling StartServiceByName for org.freedesktop.secrets';
const fails = (): Promise<string | undefined> => Promise.reject(new Error(KEYRING));

/** A secret storage that responds to each request only when the test says so. */
function slowStorage(): {
  readonly ask: () => Promise<string | undefined>;
  readonly answer: (token?: string) => void;
  readonly asked: () => number;
} {
  const waiting: ((token?: string) => void)[] = [];
  let asked = 0;
  return {
    ask: () => {
      asked++;
      return new Promise((resolve) => waiting.push(resolve));
    },
    answer: (token) => waiting.shift()?.(token),
    asked: () => asked,
  };
}

const who = { ID: PEER, id: PEER, cluster_peers: [], count: 0, results: [] };
const open = { 'POST /api/v0/id': json(who), 'GET /id': json(who), 'GET /pins': json(who) };
const guarded = Object.fromEntries(
  Object.entries(open).map(([route, answer]) => [
    route,
    ({ headers }: ReplayedRequest) => (headers['authorization'] === TOKEN ? answer : { status: '403 Forbidden', body: '403' }),
  ]),
);

function sourcesAt(url: string, authorization: () => Promise<string | undefined>) {
  const repository = mkdtempSync(path.join(folder, 'repo-'));
  writeFileSync(path.join(repository, 'config'), JSON.stringify({ Identity: { PeerID: PEER, PrivKey: 'CAES' } }));
  writeFileSync(path.join(repository, 'api'), `/ip4/127.0.0.1/tcp/${new URL(url).port}`);
  const kubo = { repository, authorization, indirect: () => false };
  return [
    createKuboSource({ ...kubo, url: undefined }),
    createKuboSource({ ...kubo, url }),
    createClusterSource({ url: () => url, authorization }),
    createPinningServiceSource({ name: 'archive', url, authorization }),
  ];
}

describe('a secret storage that fails', () => {
  it("doesn't prevent a response where no token is required, and isn't even read for the Kubo of a repository", () =>
    withStandIn(open, async (url) => {
      let asked = 0;
      const failing = (): Promise<string | undefined> => (asked++, fails());
      for (const source of sourcesAt(url, failing)) {
        const { state, detail } = await source.probe();
        assert.equal(state, 'up', `${source.id}: ${detail}`);
        assert.doesNotMatch(detail, /secret/);
      }
      assert.equal(asked, 3, 'the address from the settings, the cluster and the service');
    }));

  it('is reported, with its own message, where a token is required', () =>
    withStandIn(guarded, async (url) => {
      for (const source of sourcesAt(url, fails)) {
        const { state, detail } = await source.probe();
        assert.equal(state, 'needs-token', `${source.id}: ${detail}`);
        assert.match(detail, /requires a token or password \(HTTP 403\); the secret storage of VS Code couldn't be read: /);
        assert.ok(detail.includes(KEYRING), detail);
      }
      const thrown = (): Promise<string | undefined> => {
        throw new Error('not even a promise');
      };
      assert.deepEqual(await savedTokens(thrown).of('x'), {
        problem: "the secret storage of VS Code couldn't be read: not even a promise",
      });
    }));
});

describe('a token that no header can have', () => {
  it('is reported as such, and not as an error of the daemon', () =>
    withStandIn(guarded, async (url) => {
      for (const source of sourcesAt(url, () => Promise.resolve(`${TOKEN}\nx: y`))) {
        const { detail } = await source.probe();
        assert.match(
          detail,
          /^The token for .* contains characters that can't be sent in a header.* Save it again with Set Token\.$/,
          source.id,
        );
        assert.doesNotMatch(detail, /s3cret/);
      }
    }));
});

describe('a secret storage that waits', () => {
  it('is awaited once, up to the deadline, and requested again after its response', async () => {
    const storage = slowStorage();
    const tokens = savedTokens(storage.ask, 20);
    const notifications: number[] = [];
    const watching = tokens.watch(() => notifications.push(storage.asked()));
    const [first, second] = await Promise.all([tokens.of('a'), tokens.of('a')]);
    assert.match(first.problem ?? '', /didn't respond within 0\.02 s/);
    assert.deepEqual([second, await tokens.of('a'), storage.asked()], [first, first, 1]);
    storage.answer(TOKEN);
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(notifications, [1], 'listeners are notified, to request it again');
    const again = tokens.of('a');
    assert.equal(storage.asked(), 2);
    assert.deepEqual(await again, { authorization: TOKEN }, 'late again: the previous late token is used');
    storage.answer(TOKEN);
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(notifications, [1], 'the same token again notifies no listener');
    const inTime = tokens.of('a');
    storage.answer('Bearer other');
    assert.deepEqual(await inTime, { authorization: 'Bearer other' });
    watching.dispose();
  });

  it('gives its token to a daemon that requires one, late as it is', () =>
    withStandIn(guarded, async (url) => {
      const lateFor = async (at: number): Promise<void> => {
        const storage = slowStorage();
        const source = sourcesAt(url, storage.ask)[at];
        assert.ok(source);
        let asked = 0;
        const heard = new Promise<void>((resolve) => {
          const watching = source.watch?.(() => {
            asked++;
            watching?.dispose();
            resolve();
          });
        });
        const { state, detail } = await source.probe();
        assert.equal(state, 'needs-token');
        assert.match(detail, /secret storage of VS Code didn't respond within 1\.5 s/);
        storage.answer(TOKEN);
        await heard;
        const probing = source.probe();
        while (storage.asked() < 2) await new Promise((resolve) => setTimeout(resolve, 1));
        storage.answer(TOKEN);
        assert.deepEqual([(await probing).state, asked], ['up', 1], source.id);
      };
      await Promise.all([0, 1, 2, 3].map(lateFor));
    }));

  it('is requested again once its response is overdue or a token was changed, and an outdated response is ignored', async () => {
    const storage = slowStorage();
    const overdue = savedTokens(storage.ask, 10);
    await overdue.of('a');
    await new Promise((resolve) => setTimeout(resolve, 60));
    const again = overdue.of('a');
    assert.equal(storage.asked(), 2);
    storage.answer('Bearer of a question that was given up');
    storage.answer(TOKEN);
    assert.deepEqual(await again, { authorization: TOKEN });

    let changes = 0;
    const { ask, answer, asked } = slowStorage();
    const tokens = savedTokens(Object.assign(ask, { changes: () => changes }), 30);
    await tokens.of('a');
    answer('Bearer OLD');
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(await tokens.of('a'), { authorization: 'Bearer OLD' }, 'the previous late token is used');
    changes++; // The token was deleted while the request was pending.
    const deleted = tokens.of('a');
    answer('Bearer OLD');
    answer(undefined);
    assert.deepEqual([await deleted, asked()], [{ authorization: undefined }, 3]);
    const meanwhile = tokens.of('a');
    changes++; // A token is saved while a caller waits.
    answer(undefined);
    while (asked() < 5) await new Promise((resolve) => setImmediate(resolve));
    answer('Bearer NEW');
    assert.deepEqual(await meanwhile, { authorization: 'Bearer NEW' });
  });
});
