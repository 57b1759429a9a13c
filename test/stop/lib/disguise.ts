import { existsSync, mkdirSync, writeFileSync, copyFileSync } from 'node:fs';
import path from 'node:path';
import type { StopProgress } from '../../../src/reaper/stopContract';
import type { World } from './world';

/** What a process can make itself look like. Explained in test/stop/tree/processes.py. */
export interface Disguise {
  /** Written over its arguments, in memory of its own: no other program runs. */
  readonly words?: readonly string[];
  /** Written over its environment. */
  readonly environment?: readonly string[];
  /** It goes on as another program: execve(2). */
  readonly runs?: readonly string[];
  readonly comm?: string;
  /** It joins that process group: setpgid(2). */
  readonly group?: number;
  readonly port?: number;
  readonly lock?: string;
}

export interface Sign {
  readonly when: string;
  readonly done: string;
  /** Returns once all have done it, and gives way to nobody until then. */
  readonly give: () => void;
}

const PATIENCE_MS = 20_000;

/** For one process. */
export function signFor(world: World, label: string): Sign {
  const [when, done] = [world.file(`${label}.when`), world.file(`${label}.done`)];
  const give = (): void => {
    writeFileSync(when, '');
    for (const end = performance.now() + PATIENCE_MS; !existsSync(done);)
      if (performance.now() > end) throw new Error(`${label} has not disguised itself.`);
  };
  return { when, done, give };
}

/** A bystander that disguises itself when it is told to. */
export async function disguisedBystander(
  world: World,
  label: string,
  disguise: Disguise,
  order: { readonly session?: boolean; readonly program?: string } = {},
): Promise<Sign & { readonly pid: number }> {
  const sign = signFor(world, label);
  const program = order.program ?? world.file('bystander.py');
  const env = {
    TORTURE_ROOM: 'x'.repeat(600),
    TORTURE_DISGUISE: JSON.stringify({ ...disguise, when: sign.when, done: sign.done }),
  };
  const pid = await world.bystander({
    label,
    argv: [world.python, program, 'x'.repeat(600)],
    env,
    cwd: world.folder,
    session: order.session ?? false,
  });
  return { ...sign, pid };
}

/** A program that is called as the daemon is, and writes down each signal that it gets. */
export function decoyScript({ folder }: World): string {
  const file = path.join(folder, 'decoys', 'twin', 'ipfs_kit_daemon.py');
  mkdirSync(path.dirname(file), { recursive: true });
  copyFileSync(path.join(folder, 'bystander.py'), file);
  copyFileSync(path.join(folder, 'processes.py'), path.join(path.dirname(file), 'processes.py'));
  return file;
}

export interface StepTold {
  readonly onProgress: (event: StopProgress) => void;
  readonly at: (step: string) => void;
  /** At which a sign was given, in that order. */
  readonly steps: () => readonly string[];
}

/** Gives each its sign when its step is told of for the first time; `first scan` comes before that look, `scan` after it. */
export function stepTold(decoys: readonly (Pick<Sign, 'give'> & { readonly step: string })[]): StepTold {
  const given = new Set<string>();
  let scans = 0;
  const at = (step: string): void => {
    if (given.has(step) || !decoys.some((each) => each.step === step)) return;
    given.add(step);
    for (const decoy of decoys) if (decoy.step === step) decoy.give();
  };
  const onProgress = ({ step }: StopProgress): void => at(step === 'scan' && scans++ === 0 ? 'first scan' : step);
  return { onProgress, at, steps: () => [...given] };
}
