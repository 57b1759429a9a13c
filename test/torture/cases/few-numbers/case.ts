import assert from 'node:assert/strict';
import { until } from '../../lib/wait';
import type { TortureCase } from '../../lib/tortureCase';
import { PORT } from '../../lib/world';

const envMarker = { name: 'IPFS_KIT_SPAWN_ID', value: '5f0c2f6e-7a3b-4f3e-9d2c-8a1b0c9d7e6f' };

export const torture: TortureCase = {
  title: 'Where numbers are given out again at once, to strangers and to the tree in turn, no stranger is signalled',
  run: async (world) => {
    const label = 'churn';
    // Short-lived children, each in a group of its own; one that does not end by itself is written down as a signal.
    const churn = `import os, threading, time
def live():
    os.setpgid(0, 0)
    time.sleep(0.03)
    os._exit(0)
def churn():
    low = os.getpid() + 40
    while True:
        with open("/proc/sys/kernel/ns_last_pid", "w") as file:
            file.write(str(low))
        for _ in range(6):
            if os.fork() == 0:
                live()
            time.sleep(0.002)
        try:
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                if ended[1] != 0:
                    with open(os.environ["TORTURE_BYSTANDERS"] + "/churn.signals", "a") as file:
                        file.write(f"{ended}\\n")
        except ChildProcessError:
            pass
threading.Thread(target=churn, daemon=True).start()
exec(open(${JSON.stringify(world.file('bystander.py'))}).read())`;
    const pid = await world.bystander({ label, argv: [world.python, '-c', churn], cwd: world.folder, session: true });
    const storm = { perSecond: 150, most: 4000, lifeS: 0.05, detach: false };
    await world.daemon(
      {
        listen: PORT,
        term: 'ignore',
        children: [
          { label: 'storm', term: 'ignore', storm },
          { label: 'storm', session: true, storm: { ...storm, detach: true } },
          { session: true, supervise: true, term: 'stay', children: [{ kind: 'sleep', session: true, times: 3 }] },
        ],
      },
      { env: { [envMarker.name]: envMarker.value } },
    );
    await until('the storms', () => world.tree().filter(({ ppid }) => ppid !== pid).length > 8);
    const isStrangers = (each: { readonly ppid: number }): boolean => each.ppid === pid;
    for (let round = 0; round < 3; round++) {
      const { result, signals } = await world.callElsewhere({ envMarker, termTimeoutMs: 600, killTimeoutMs: 5000 });
      for (const { target } of signals) {
        if (!target) continue;
        assert.ok(!isStrangers(target), 'no child of a stranger is signalled');
        assert.ok(
          result.processes.some((entry) => entry.pid === target.pid && entry.start === target.start),
          'the receipt names everyone that was signalled',
        );
      }
      assert.deepEqual(result.survivors, [], result.summary);
      assert.deepEqual(
        world.tree().filter((each) => !isStrangers(each)),
        [],
        'nothing of the tree lives',
      );
    }
  },
};
