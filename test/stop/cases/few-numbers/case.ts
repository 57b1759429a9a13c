import assert from 'node:assert/strict';
import { describeProcess } from '../../lib/procfs';
import type { Proc } from '../../lib/procfs';
import type { StopCase } from '../../lib/stopCase';
import type { World } from '../../lib/world';
import { PORT } from '../../lib/world';

const ROUNDS = 3;

export const stopCase: StopCase = {
  title: 'When the PIDs of ended processes are reused immediately, no unrelated process is signaled',
  run: async (world) => {
    const stranger = await startStrangers(world);
    const isStrangers = (each: { readonly ppid: number }): boolean => each.ppid === stranger;
    for (let round = 0; round < ROUNDS; round++) {
      await world.daemon({
        listen: PORT,
        term: 'exit',
        children: [
          { kind: 'sleep', times: 15, session: true },
          { term: 'ignore', session: true, children: [{ kind: 'sleep', times: 10 }] },
          { kind: 'sleep', times: 15, term: 'ignore' },
        ],
      });
      const { result, signals } = await world.callElsewhere({ killTimeoutMs: 5000 });
      assert.deepEqual([result.killed.length, result.survivors], [42, []], result.summary);
      for (const { target, signal } of signals) {
        if (!target) continue;
        assert.ok(!isStrangers(target), `${signal} to ${describeProcess(target)}`);
        assert.ok(
          result.processes.some(({ pid, start }) => pid === target.pid && start === target.start),
          `the stop report names ${describeProcess(target)}`,
        );
      }
      const isListing = ({ argv }: Proc): boolean => argv[0] === 'ps'; // A `ps` that was started by the caller, which has exited before it.
      const left = world.tree().filter((each) => !isStrangers(each) && !isListing(each));
      assert.deepEqual(left.map(describeProcess), [], 'nothing of the tree lives');
    }
  },
};

/**
 * Starts some hundred processes a second, each in its own group and for 50 ms, so that the lowest free PIDs are assigned to them again and again. A
 * process that doesn't exit by itself records the signal that ended it.
 */
function startStrangers(world: World): Promise<number> {
  const label = 'strangers';
  const code = `import os, threading, time
def live():
    os.setpgid(0, 0)
    time.sleep(0.05)
    os._exit(0)
def go_on():
    low = os.getpid()
    while True:
        with open("/proc/sys/kernel/ns_last_pid", "w") as file:
            file.write(str(low))
        for _ in range(5):
            if os.fork() == 0:
                live()
            time.sleep(0.002)
        try:
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                if ended[1] != 0:
                    with open(os.environ["STOP_TEST_BYSTANDERS"] + "/${label}.signals", "a") as file:
                        file.write(f"{ended}\\n")
        except ChildProcessError:
            pass
threading.Thread(target=go_on, daemon=True).start()
exec(open(${JSON.stringify(world.file('bystander.py'))}).read())`;
  return world.bystander({ label, argv: [world.python, '-c', code], cwd: world.folder, session: true });
}
