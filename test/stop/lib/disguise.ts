import { existsSync, mkdirSync, writeFileSync, copyFileSync } from 'node:fs';
import path from 'node:path';
import type { StopProgress } from '../../../src/reaper/stopContract';
import type { World } from './world';

/** What a process makes itself look like; disguise_at_a_sign() of test/stop/tree/processes.py does it. */
export interface Disguise {
  /** Words written over its arguments in its own memory; it doesn't run another program. */
  readonly words?: readonly string[];
  /** Words written over its environment. */
  readonly environment?: readonly string[];
  /** Arguments of the program that it executes in its place: execve(2). */
  readonly runs?: readonly string[];
  readonly comm?: string;
  /** ID of the process group that it joins: setpgid(2). */
  readonly group?: number;
  readonly port?: number;
  readonly lock?: string;
}

export interface Sign {
  readonly when: string;
  readonly done: string;
  /** Gives the sign, and blocks until all processes have changed. */
  readonly give: () => void;
}

const PATIENCE_MS = 20_000;

/** A sign for one process. */
export function signFor(world: World, label: string): Sign {
  const [when, done] = [world.file(`${label}.when`), world.file(`${label}.done`)];
  const give = (): void => {
    writeFileSync(when, '');
    for (const end = performance.now() + PATIENCE_MS; !existsSync(done);)
      if (performance.now() > end) throw new Error(`${label} has not disguised itself.`);
  };
  return { when, done, give };
}

/** Starts a bystander that disguises itself when the sign is given. */
export async function disguisedBystander(
  world: World,
  label: string,
  disguise: Disguise,
  order: { readonly session?: boolean; readonly program?: string } = {},
): Promise<Sign & { readonly pid: number }> {
  const sign = signFor(world, label);
  const program = order.program ?? world.file('bystander.py');
  const env = {
    STOP_TEST_ROOM: 'x'.repeat(600),
    STOP_TEST_DISGUISE: JSON.stringify({ ...disguise, when: sign.when, done: sign.done }),
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

/** Writes a script with the daemon's name that records every signal it receives, and returns its path. */
export function decoyScript({ folder }: World): string {
  const file = path.join(folder, 'decoys', 'twin', 'ipfs_kit_daemon.py');
  mkdirSync(path.dirname(file), { recursive: true });
  copyFileSync(path.join(folder, 'bystander.py'), file);
  copyFileSync(path.join(folder, 'processes.py'), path.join(path.dirname(file), 'processes.py'));
  return file;
}

export interface SignsAtSteps {
  readonly onProgress: (event: StopProgress) => void;
  readonly at: (step: string) => void;
  /** The steps at which a sign was given, in order. */
  readonly steps: () => readonly string[];
}

/** Gives each sign when its step is reported for the first time. `first scan` is reported before that scan, `scan` after it. */
export function signsAtSteps(decoys: readonly (Pick<Sign, 'give'> & { readonly step: string })[]): SignsAtSteps {
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
