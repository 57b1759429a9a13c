import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createProcessTree } from '../../../src/reaper/processTree';
import type { Member } from '../../../src/reaper/processTree';
import type { MadeProcess } from '../../support/madeTable';
import { DAEMON, madeTable, SELF } from '../../support/madeTable';

const PATTERNS = { scriptNames: ['ipfs_kit_daemon.py'] };
const MARKER = { name: 'IPFS_KIT_SPAWN_ID', value: 'a' };

function treeOf(...processes: MadeProcess[]) {
  const table = madeTable(...processes);
  return { table, tree: createProcessTree({ table, patterns: PATTERNS, marker: MARKER }) };
}

/** The members as `100 daemon`, by PID. */
function links(members: readonly Member[]): string[] {
  return members.map(({ pid, link }) => `${pid} ${link}`).sort();
}

async function linksOf(...processes: MadeProcess[]): Promise<string[]> {
  return links(await treeOf(...processes).tree.look('all'));
}

const daemon: MadeProcess = { pid: 100, argv: DAEMON };

describe('the tree', () => {
  it('is the daemon and its descendants, regardless of their names', async () => {
    const found = await linksOf(
      daemon,
      { pid: 101, ppid: 100 },
      { pid: 102, ppid: 101, sid: 102, argv: ['ipfs', 'daemon'] },
      { pid: 103 },
    );
    assert.deepEqual(found, ['100 daemon', '101 child', '102 child']);
  });

  it('has a child whose number is lower than that of its parent, since numbers wrap', async () => {
    const found = await linksOf(daemon, { pid: 60, ppid: 70, start: 300 }, { pid: 70, ppid: 100, start: 200 });
    assert.deepEqual(found, ['100 daemon', '60 child', '70 child']);
  });

  it('includes the groups and sessions that a member leads, and follows links from there', async () => {
    const found = await linksOf(
      daemon,
      { pid: 101, pgid: 100, sid: 9 },
      { pid: 102, pgid: 7, sid: 100 },
      { pid: 103, ppid: 102 },
    );
    assert.deepEqual(found, ['100 daemon', '101 group', '102 session', '103 child']);
  });

  it('has nothing of the group or the session that the daemon happens to be in', async () => {
    const job: Partial<MadeProcess> = { pgid: 40, sid: 40 };
    assert.deepEqual(await linksOf({ ...daemon, ...job }, { pid: 101, ...job }, { pid: 102, ...job, ppid: 40 }), ['100 daemon']);
  });

  it('includes the orphan in the session of a child that was not reaped', async () => {
    const found = await linksOf(daemon, { pid: 101, ppid: 100, zombie: true }, { pid: 102, ppid: 1, pgid: 101, sid: 101 });
    assert.deepEqual(found, ['100 daemon', '102 group']);
  });

  it('has what bears the mark of a daemon that we have started', async () => {
    const environment = { IPFS_KIT_SPAWN_ID: 'a' };
    const found = await linksOf({ pid: 101, environment }, { pid: 102, environment: { IPFS_KIT_SPAWN_ID: 'b' } });
    assert.deepEqual(found, ['101 marker']);
  });

  it('has no process of another user or in a container, and names those that the daemon started', async () => {
    const { tree } = treeOf(
      daemon,
      { pid: 101, ppid: 100, user: '0' },
      { pid: 102, argv: DAEMON, user: '1001' },
      { pid: 103, argv: DAEMON, inOtherNamespace: true },
      { pid: 104, ppid: 101 },
    );
    assert.deepEqual(links(await tree.look('all')), ['100 daemon']);
    assert.deepEqual(
      tree.strangers().map(({ pid }) => pid),
      [101],
    );
  });

  it("doesn't include ourselves or our ancestors, even if one is a daemon", async () => {
    const { tree, table } = treeOf(daemon);
    table.add(
      { pid: 40, argv: DAEMON, environment: { IPFS_KIT_SPAWN_ID: 'a' } },
      { pid: SELF, ppid: 40, argv: DAEMON, pgid: 100, sid: 100 },
    );
    assert.deepEqual(links(await tree.look('all')), ['100 daemon']);
    assert.equal(tree.guardedDaemon()?.pid, 40);
  });

  it("doesn't follow a group or a session that we are in, even if the daemon leads it", async () => {
    const { tree, table } = treeOf(
      daemon,
      { pid: 101, pgid: 100, sid: 100 },
      { pid: 102, pgid: 7, sid: 100 },
      { pid: 103, ppid: 100 },
    );
    table.add({ pid: SELF, ppid: 40, argv: ['node'], pgid: 100, sid: 100 });
    assert.deepEqual(links(await tree.look('all')), ['100 daemon', '103 child']);
  });

  it('has nothing by a mark that we bear ourselves: then all of the editor does', async () => {
    const environment = { IPFS_KIT_SPAWN_ID: 'a' };
    const { tree, table } = treeOf(daemon, { pid: 101, environment });
    table.add({ pid: SELF, ppid: 40, argv: ['node'], environment });
    assert.deepEqual(links(await tree.look('all')), ['100 daemon']);
  });

  it('keeps an ancestor guarded after we have been adopted by another', async () => {
    const { tree, table } = treeOf();
    await tree.look('all');
    table.add({ pid: SELF, ppid: 1, argv: ['node'] }, { pid: 40, argv: DAEMON });
    assert.deepEqual(await tree.look('all'), []);
  });

  it('keeps a former member, regardless of changes to its parent, group and name', async () => {
    const { tree, table } = treeOf(daemon, { pid: 101, ppid: 100 });
    await tree.look('all');
    table.end(100);
    table.add(
      { pid: 101, ppid: 1, pgid: 101, sid: 101, argv: ['other'] },
      { pid: 102, ppid: 101 },
      { pid: 103, pgid: 100, sid: 100 },
    );
    assert.deepEqual(links(await tree.look('changes')), ['101 child', '102 child', '103 group']);
  });

  it('loses a member whose number has been given to another program', async () => {
    const { tree, table } = treeOf(daemon, { pid: 101, ppid: 100 });
    await tree.look('all');
    table.add({ pid: 101, start: 500, argv: ['vim'] });
    assert.deepEqual(links(await tree.look('all')), ['100 daemon']);
    table.end(100);
    table.add(
      { pid: 100, start: 600, argv: ['bash'] },
      { pid: 105, pgid: 100, sid: 100, start: 601 },
      { pid: 106, ppid: 100, start: 601 },
    );
    assert.deepEqual(await tree.look('all'), []);
  });

  it("doesn't take a process for a child that is older than its parent", async () => {
    assert.deepEqual(await linksOf({ ...daemon, start: 500 }, { pid: 101, ppid: 100, start: 400 }), ['100 daemon']);
  });

  for (const [what, first, later, expected] of [
    ['has who was still a shell, right after its birth', { start: 390 }, {}, ['100 daemon']],
    [
      'includes a process that was still a shell and then executed another program',
      { start: 390, image: 'a' },
      { image: 'b' },
      ['100 daemon'],
    ],
    ['excludes a process that was a shell and only changed its arguments', { start: 390, image: 'a' }, { image: 'a' }, []],
    ['excludes a process that was a shell if its program is unknown', { start: 390, image: '' }, { image: '' }, []],
    ['has not who was a shell for more than a second', { start: 290, image: 'a' }, { image: 'b' }, []],
  ] as const)
    it(what, async () => {
      const { tree, table } = treeOf({ pid: 100, argv: ['bash', 'start.sh'], ...first });
      assert.deepEqual(await tree.look('all'), []);
      table.add({ pid: 100, argv: DAEMON, ...first, ...later, environment: { IPFS_KIT_SPAWN_ID: 'a' } });
      assert.deepEqual(links(await tree.look('changes')), expected);
    });

  it("doesn't include a process with the arguments of the daemon that runs a program other than Python", async () => {
    for (const [program, expected] of [
      ['python3.12', ['100 daemon']],
      ['.python3-wrapped', ['100 daemon']],
      ['pypy3.10', ['100 daemon']],
      ['node', []],
      ['bash', []],
    ] as const)
      assert.deepEqual(await linksOf({ ...daemon, program }), expected, program);
  });

  it("doesn't include a process that joins a group of the tree after it was seen outside", async () => {
    const { tree, table } = treeOf(daemon, { pid: 101, pgid: 7, sid: 9 });
    await tree.look('all');
    table.add({ pid: 101, pgid: 100, sid: 9 }, { pid: 102, pgid: 100, sid: 9 });
    assert.deepEqual(links(await tree.look('changes')), ['100 daemon', '102 group']);
  });

  it('excludes the group of a leader whose PID another program has had since, even if that one has exited too', async () => {
    const { tree, table } = treeOf(daemon);
    await tree.look('all');
    table.add({ pid: 100, start: 500, argv: ['bash'] });
    await tree.look('changes');
    table.end(100);
    table.add({ pid: 105, pgid: 100, sid: 100, start: 501 });
    assert.deepEqual(await tree.look('changes'), []);
  });

  it('reads an unreaped member at every look, because its PID may be reused', async () => {
    const { tree, table } = treeOf(daemon);
    await tree.look('all');
    table.add({ ...daemon, zombie: true });
    await tree.look('changes');
    const asked: unknown[] = [];
    const look = table.look.bind(table);
    table.look = (refresh) => (asked.push(refresh), look(refresh));
    await tree.look('changes');
    assert.deepEqual(asked, [new Set([100])]);
  });

  it("doesn't include the child of a process that reused the PID of a member during the look", async () => {
    const { tree, table } = treeOf(daemon);
    await tree.look('all');
    table.add({ pid: 101, ppid: 100 }, { pid: 102, pgid: 100, sid: 100 });
    table.startOf = (pid) => (pid === 100 ? '500' : undefined);
    assert.deepEqual(links(await tree.look('changes')), ['100 daemon']);
    table.startOf = () => undefined; // A process that has ended doesn't make another one a stranger.
    assert.deepEqual(links(await tree.look('changes')), ['100 daemon', '101 child', '102 group']);
  });

  it('distinguishes processes of the first look from those that started later', async () => {
    const { tree, table } = treeOf(daemon);
    await tree.look('all');
    table.add({ pid: 101, ppid: 100 });
    await tree.look('changes');
    assert.deepEqual(
      tree.members().map(({ pid, wasThere }) => [pid, wasThere]),
      [
        [100, true],
        [101, false],
      ],
    );
  });
});

describe('a candidate that others name', () => {
  /** The members after a candidate was named between two looks. */
  async function admitted(
    born: readonly MadeProcess[],
    candidate: { pid: number; ppid: number },
    startOrderNow = 400,
  ): Promise<string[]> {
    const { tree, table } = treeOf(daemon);
    table.startOrderNow = () => startOrderNow;
    await tree.look('all');
    const take = tree.expectCandidates();
    table.add(...born);
    await tree.look('changes');
    take([candidate]);
    return links(await tree.look('all'));
  }

  it('is admitted if it has come since we looked, is an orphan now, and its parent was a member', async () => {
    const born = [{ pid: 101 }, { pid: 102, ppid: 101 }];
    assert.deepEqual(await admitted(born, { pid: 101, ppid: 100 }), ['100 daemon', '101 ps-tree', '102 child']);
    const adopted = [{ pid: 101, ppid: 40 }];
    assert.deepEqual(await admitted(adopted, { pid: 101, ppid: 100 }), ['100 daemon', '101 ps-tree']);
  });

  for (const [what, process, candidate] of [
    ['whose parent is no member', { pid: 101 }, { pid: 101, ppid: 40 }],
    ['whose parent is alive and another process', { pid: 101, ppid: 50 }, { pid: 101, ppid: 100 }],
    ['of another user', { pid: 101, user: '0' }, { pid: 101, ppid: 100 }],
    ['in a container', { pid: 101, inOtherNamespace: true }, { pid: 101, ppid: 100 }],
    ['older than its parent', { pid: 101, start: 90 }, { pid: 101, ppid: 100 }],
    ['younger than the question', { pid: 101, start: 401 }, { pid: 101, ppid: 100 }],
    ['that we ourselves are', { pid: 101 }, { pid: SELF, ppid: 100 }],
    ['that is our ancestor', { pid: 101 }, { pid: 40, ppid: 100 }],
    ['that is init', { pid: 101 }, { pid: 1, ppid: 100 }],
    ['that is not there', { pid: 101 }, { pid: 999, ppid: 100 }],
    ['with an invalid number', { pid: 101 }, { pid: -1, ppid: 100 }],
  ] as const)
    it(`is not admitted: one ${what}`, async () => assert.deepEqual(await admitted([process], candidate), ['100 daemon']));

  it('is not admitted if its parent had ended before the question: the number was another’s by then', async () => {
    const { tree, table } = treeOf(daemon, { pid: 101, ppid: 100 });
    await tree.look('all');
    table.end(101);
    await tree.look('changes');
    const take = tree.expectCandidates();
    table.add({ pid: 102 });
    await tree.look('changes');
    take([{ pid: 102, ppid: 101 }]);
    assert.deepEqual(links(await tree.look('all')), ['100 daemon']);
  });

  it('is not admitted if it was there before: then its parent was to be seen', async () => {
    const { tree } = treeOf(daemon, { pid: 101 });
    await tree.look('all');
    tree.expectCandidates()([{ pid: 101, ppid: 100 }]);
    assert.deepEqual(links(await tree.look('all')), ['100 daemon']);
  });
});
