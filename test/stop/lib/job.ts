import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { until } from './wait';
import type { World } from './world';

/** Starts a stranger with the PID `pid` that leads a session and has started a bystander in it, as a shell does. Returns the bystander's PID. */
export async function jobOf(
  world: World,
  { nextPid, label }: { readonly nextPid: number; readonly label: string },
): Promise<number> {
  const file = world.file(`${label}.pid`);
  const code = `import os, time
pid = os.fork()
if pid == 0:
    exec(open(${JSON.stringify(world.file('bystander.py'))}).read())
with open(${JSON.stringify(file)}, "w") as out:
    out.write(str(pid))
time.sleep(1000)`;
  const env = { STOP_TEST_BYSTANDERS: world.bystanders, STOP_TEST_LABEL: label };
  const pid = await world.other({ argv: [world.python, '-c', code], env, session: true, nextPid, cwd: world.folder });
  assert.equal(pid, nextPid);
  const ready = `${world.bystanders}/${label}.ready`;
  await until(
    'the job',
    () => existsSync(file) && readFileSync(file, 'utf8') !== '' && existsSync(ready) && readFileSync(ready, 'utf8') === 'ready',
  );
  const child = Number(readFileSync(file, 'utf8'));
  world.spare(label, child);
  return child;
}
