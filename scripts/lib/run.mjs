// Child processes: started from argument arrays, with their output in a log, whose end is shown if they fail.
import { spawn } from 'node:child_process';
import { createWriteStream, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { out, root, SetupError } from './project.mjs';

/** To standard error: the standard output of `npm run pins -- --json` is only JSON. */
export function say(text) {
  console.error(`• ${text}`);
}

/** Runs to the end with its output in out/logs/NAME.log; a failure is a SetupError with the end of the log and the advice. */
export async function runLogged(name, command, args, { cwd = root, env = process.env, advice = '', ...options } = {}) {
  const file = path.join(out, 'logs', `${name}.log`);
  mkdirSync(path.dirname(file), { recursive: true });
  const log = createWriteStream(file);
  const code = await new Promise((resolve) => {
    const child = spawn(command, args, { ...options, cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.pipe(log, { end: false });
    child.stderr.pipe(log, { end: false });
    child.on('error', (error) => {
      log.write(String(error));
      resolve(-1);
    });
    child.on('close', resolve);
  });
  await new Promise((resolve) => log.end(resolve));
  if (code !== 0) {
    const tail = readFileSync(file, 'utf8').trimEnd().split('\n').slice(-25).join('\n');
    throw new SetupError(`${tail}\n\n${name} failed (full log: ${path.relative(root, file)}). ${advice}`);
  }
}

/** npm, by the file that runs this script, so that no shell is needed; else from PATH. */
export function npm(args) {
  const { npm_execpath: file } = process.env;
  if (file?.endsWith('.js')) return [process.execPath, [file, ...args]];
  return process.platform === 'win32' ? ['cmd.exe', ['/d', '/s', '/c', 'npm.cmd', ...args]] : ['npm', args];
}

/** Runs with the terminal's own input and output; returns the exit status. */
export function runShown(command, args, { cwd = root, env = process.env, ...options } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { ...options, cwd, env, stdio: 'inherit' });
    child.on('error', (error) => {
      console.error(String(error));
      resolve(1);
    });
    child.on('close', (code) => resolve(code ?? 1));
  });
}

/** Runs what it is given, in that order, at most `most` at the same time; gives the result of each. */
export function atMost(most) {
  let free = most;
  const waiting = [];
  return async (work) => {
    if (free > 0) free--;
    else await new Promise((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else free++;
    }
  };
}
