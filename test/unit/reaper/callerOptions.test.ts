import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { IpfsKitError } from '../../../src/base/ipfsKitError';
import { ownOptions } from '../../../src/reaper/callerOptions';
import type { StopDaemonOptions } from '../../../src/reaper/stopContract';

describe('the options of a caller of stopDaemon', () => {
  it('are copied: what it changes afterwards changes nothing', () => {
    const scriptNames = ['ipfs_kit_daemon.py'];
    const dbPaths: string[] = [];
    const envMarker = { name: 'A', value: 'b' };
    const confirm = (): Promise<boolean> => Promise.resolve(true);
    const { signal } = new AbortController();
    const { own, isNaming } = ownOptions({ scriptNames, dbPaths, envMarker, confirm, signal, termTimeoutMs: 5 });
    scriptNames.push('editor.py');
    dbPaths.push('/x');
    envMarker.value = 'c';
    assert.deepEqual(own, {
      ...{ scriptNames: ['ipfs_kit_daemon.py'], dbPaths: [], envMarker: { name: 'A', value: 'b' } },
      ...{ confirm, signal, termTimeoutMs: 5 },
    });
    assert.equal(isNaming, true);
  });

  it('are read once, and none but those for callers', () => {
    let reads = 0;
    const options = {
      get moduleNames() {
        return reads++ === 0 ? ['a'] : ['editor'];
      },
      table: {},
      candidates: () => [],
      port: undefined,
    };
    const { own } = ownOptions(options as unknown as StopDaemonOptions);
    assert.deepEqual([own, reads], [{ moduleNames: ['a'] }, 1]);
  });

  it("don't decide about processes if they contain only times, locations and hooks", () => {
    assert.deepEqual(ownOptions({}), { own: {}, isNaming: false });
    assert.equal(ownOptions({ port: 1, termTimeoutMs: 5, onProgress: () => undefined }).isNaming, false);
    for (const one of [
      { scriptNames: [] },
      { moduleNames: ['x'] },
      { commandNames: ['x'] },
      { envMarker: { name: 'A', value: '' } },
    ])
      assert.equal(ownOptions(one).isNaming, true);
  });

  it('are refused where they can’t be copied', () =>
    assert.throws(
      () => ownOptions({ scriptNames: [(() => 'x') as unknown as string] }),
      (error) => IpfsKitError.is(error, 'invalid-argument'),
    ));
});
