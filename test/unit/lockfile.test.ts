import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';

interface Locked {
  readonly name?: string;
  readonly version?: string;
  readonly resolved?: string;
  readonly dependencies?: Readonly<Record<string, unknown>>;
}

interface Lockfile {
  readonly lockfileVersion: number;
  readonly packages: Readonly<Record<string, Locked>>;
}

/** The version that ps-tree 1.2.0 uses; event-stream 3.3.6 contained flatmap-stream, which was malware (https://github.com/indexzero/ps-tree/issues/33). */
const EVENT_STREAM = '3.3.4';

/** Unwanted packages at any depth and under any alias, each with the reason. */
function unwanted({ lockfileVersion, packages }: Lockfile): string[] {
  if (lockfileVersion !== 3) return [`lockfile of version ${lockfileVersion}: nothing is known about it`];
  return Object.entries(packages).flatMap(([place, entry]) => {
    const name = entry.name ?? place.replace(/^.*node_modules\//, '');
    const wanted = Object.keys(entry.dependencies ?? {}).filter((dependency) => dependency === 'flatmap-stream');
    if (name === 'flatmap-stream' || wanted.length > 0) return [`${place}: flatmap-stream`];
    return name === 'event-stream' && entry.version !== EVENT_STREAM ? [`${place}: event-stream ${entry.version}`] : [];
  });
}

const lockfile = JSON.parse(readFileSync(path.join(process.cwd(), 'package-lock.json'), 'utf8')) as Lockfile;
const locked = (packages: Lockfile['packages']): Lockfile => ({ lockfileVersion: 3, packages });

describe('the lockfile', () => {
  it('contains ps-tree 1.2.0, and event-stream only as it was before the attack', () => {
    assert.equal(lockfile.packages['node_modules/ps-tree']?.version, '1.2.0');
    assert.equal(lockfile.packages['node_modules/event-stream']?.version, EVENT_STREAM);
    assert.deepEqual(unwanted(lockfile), []);
  });

  it('names no registry', () => {
    const resolved = Object.values(lockfile.packages).filter((entry) => entry.resolved !== undefined);
    assert.deepEqual(resolved, []);
  });
});

describe('the guard of the lockfile', () => {
  it('passes event-stream 3.3.4', () => {
    assert.deepEqual(unwanted(locked({ '': { version: '0.1.0' }, 'node_modules/event-stream': { version: '3.3.4' } })), []);
  });

  for (const version of ['3.3.5', '3.3.6', '4.0.1'])
    it(`fails on event-stream ${version}`, () => {
      const found = unwanted(locked({ 'node_modules/event-stream': { version } }));
      assert.deepEqual(found, [`node_modules/event-stream: event-stream ${version}`]);
    });

  it('fails on a second event-stream within another package', () => {
    const place = 'node_modules/other/node_modules/event-stream';
    const found = unwanted(locked({ 'node_modules/event-stream': { version: '3.3.4' }, [place]: { version: '3.3.6' } }));
    assert.deepEqual(found, [`${place}: event-stream 3.3.6`]);
  });

  it('fails on an event-stream under another name', () => {
    const found = unwanted(locked({ 'node_modules/streams': { name: 'event-stream', version: '3.3.6' } }));
    assert.deepEqual(found, ['node_modules/streams: event-stream 3.3.6']);
  });

  it('fails on flatmap-stream in any version, and on who requested it', () => {
    const found = unwanted(
      locked({
        'node_modules/flatmap-stream': { version: '0.1.2' },
        'node_modules/event-stream': { version: '3.3.4', dependencies: { 'flatmap-stream': '^0.1.0' } },
      }),
    );
    assert.deepEqual(found, ['node_modules/flatmap-stream: flatmap-stream', 'node_modules/event-stream: flatmap-stream']);
  });

  it('fails on a lockfile that it cannot read', () => {
    assert.equal(unwanted({ lockfileVersion: 1, packages: {} }).length, 1);
  });
});
