// Desktop VS Code, if there is one that can run with a separate profile.
import { existsSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { SetupError } from './project.mjs';

/**
 * VSCODE_EXECUTABLE_PATH, else `code` on PATH. `cli` takes the options of the command line; `executable`, where it is known, is the
 * program itself, which the tests start.
 */
export function findDesktop() {
  const { VSCODE_EXECUTABLE_PATH: named } = process.env;
  if (named) {
    if (!existsSync(named)) throw new SetupError(`VSCODE_EXECUTABLE_PATH is set to ${named}, which doesn't exist.`);
    return { cli: cliOf(named) ?? named, executable: named };
  }
  const cli = codeOnPath();
  return cli && { cli, executable: executableOf(realpathSync(cli)) };
}

/** A desktop program needs a display. */
export function hasScreen() {
  return process.platform !== 'linux' || Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY);
}

/** Chromium, and with it VS Code, refuses its sandbox to root. */
export const rootArguments = process.platform === 'linux' && process.getuid?.() === 0 ? ['--no-sandbox'] : [];

/** Command, arguments and options for child_process: a .cmd file runs only in cmd.exe, which strips the outer pair of quotes. */
export function cliCommand(cli, args) {
  if (!/\.(?:cmd|bat)$/i.test(cli)) return { command: cli, args, options: {} };
  const line = [cli, ...args].map((part) => `"${part}"`).join(' ');
  return { command: 'cmd.exe', args: ['/d', '/s', '/c', `"${line}"`], options: { windowsVerbatimArguments: true } };
}

function codeOnPath() {
  // Under WSL `code` is the editor of Windows, which would install into the person's own remote server.
  if (process.env.WSL_DISTRO_NAME) return undefined;
  const names = process.platform === 'win32' ? ['code.cmd'] : ['code'];
  return (
    (process.env.PATH ?? '')
      .split(path.delimiter)
      .filter((folder) => path.isAbsolute(folder))
      .flatMap((folder) => names.map((name) => path.join(folder, name)))
      // In a terminal of a remote window `code` talks to that window and ignores the profile that it is given.
      .find((file) => existsSync(file) && !/[/\\]remote-cli[/\\]/.test(realpathSync(file)))
  );
}

function cliOf(executable) {
  const folder = path.dirname(executable);
  return ['bin/code', 'bin/code-insiders', 'bin/code.cmd', '../Resources/app/bin/code']
    .map((file) => path.join(folder, file))
    .filter((file) => (process.platform === 'win32') === file.endsWith('.cmd'))
    .find((file) => existsSync(file));
}

function executableOf(cli) {
  const folder = path.dirname(cli);
  const candidates = { win32: ['../Code.exe'], darwin: ['../../../MacOS/Electron'] }[process.platform] ?? ['../code'];
  return candidates.map((file) => path.resolve(folder, file)).find((file) => existsSync(file));
}
