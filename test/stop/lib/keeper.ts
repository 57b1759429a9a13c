import { spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';

export interface Order {
  readonly argv: readonly string[];
  /** The program, if it isn't argv[0]. */
  readonly executable?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly session?: boolean;
  /** Standard input is a pipe that stays open and empty, instead of /dev/null. */
  readonly openInput?: boolean;
  /** The PID that it must have, which only a PID namespace makes possible. */
  readonly nextPid?: number;
}

/** An event of a process that the keeper started, or of the keeper itself. */
export interface Change {
  readonly pid: number;
  readonly what: string;
}

export interface Keeper {
  readonly pid: number;
  start(order: Order): Promise<number>;
  changes(): readonly Change[];
  close(): void;
}

interface Answer {
  readonly id?: number;
  readonly started?: number;
  readonly failed?: string;
  readonly pid?: number;
  readonly what?: string;
}

export function openKeeper(python: string, folder: string): Keeper {
  const child = spawn(python, [path.join(folder, 'keeper.py')], {
    cwd: folder,
    stdio: ['pipe', 'pipe', 'inherit'],
    detached: true,
  });
  const waiting = new Map<number, (answer: Answer) => void>();
  const changes: Change[] = [];
  let orders = 0;
  createInterface({ input: child.stdout }).on('line', (line) => {
    const answer = JSON.parse(line) as Answer;
    if (answer.id !== undefined) waiting.get(answer.id)?.(answer);
    else if (answer.pid !== undefined && answer.what !== undefined) changes.push({ pid: answer.pid, what: answer.what });
  });
  return {
    pid: child.pid ?? 0,
    start: async (order) => {
      const id = orders++;
      const answer = await new Promise<Answer>((resolve) => {
        waiting.set(id, resolve);
        child.stdin.write(`${JSON.stringify({ ...order, id })}\n`);
      });
      if (answer.started === undefined) throw new Error(`${order.argv.join(' ')}: ${answer.failed ?? 'not started'}`);
      return answer.started;
    },
    changes: () => changes,
    close: () => void child.stdin.end(),
  };
}
