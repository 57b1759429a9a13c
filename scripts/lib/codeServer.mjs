// The workbench and extension host of VS Code from npm alone: code-server, with the Node it needs.
import { spawn } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { connect, createServer } from 'node:net';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { cache, homeVariables, inRoot, once, SetupError, temporaryFolder } from './project.mjs';
import { unshareCommand } from './namespace.mjs';
import { npm, runLogged, say } from './run.mjs';

const home = path.join(cache, 'code-server');
const modules = path.join(home, 'node_modules');
const vscode = path.join(modules, 'code-server/lib/vscode');
const node = path.join(modules, `node-linux-${process.arch}/bin/node`);
const entry = path.join(modules, 'code-server/out/node/entry.js');
const builtIn = path.join(home, 'built-in');

/**
 * Extensions of VS Code that a private server does without: accounts, assistants, tunnels and debuggers. What acts on files and on content stays, because tests
 * prove that it doesn't act on ours.
 */
const LEFT_OUT = [
  ...['copilot', 'github', 'github-authentication', 'microsoft-authentication', 'tunnel-forwarding'],
  ...['ms-vscode.js-debug', 'ms-vscode.js-debug-companion', 'ms-vscode.vscode-js-profile-table'],
  ...['debug-auto-launch', 'debug-server-ready'],
];

/**
 * Installs it once, about 800 MB. Install scripts are skipped: they compile modules that are needed only for a watchdog and for logs, and are replaced here.
 */
export async function ensureCodeServer() {
  if (process.platform !== 'linux' || !['x64', 'arm64'].includes(process.arch))
    throw new SetupError(
      'The workbench in the browser runs only on Linux (x64, arm64). Install desktop VS Code, or set VSCODE_EXECUTABLE_PATH to it.',
    );
  const files = ['package.json', 'package-lock.json', '.npmrc'];
  const inputs = files.map((file) => readFileSync(inRoot('scripts/code-server', file), 'utf8'));
  await once(path.join(home, '.ready'), inputs, async () => {
    say(`Installing code-server, a VS Code workbench, into ${path.relative(process.cwd(), home)} (about 800 MB)`);
    rmSync(home, { recursive: true, force: true });
    mkdirSync(home, { recursive: true });
    for (const file of files) copyFileSync(inRoot('scripts/code-server', file), path.join(home, file));
    const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
    const install = (name, cwd, args) =>
      runLogged(name, ...npm([...args, ...quiet]), { cwd, advice: 'Is the npm registry reachable?' });
    await install('code-server', home, ['ci']);
    // Its own lock file doesn't match its manifest, so `npm ci` fails.
    await install('code-server-workbench', vscode, ['install', '--omit=dev', '--no-save']);
  });
  standInForLogs();
  linkBuiltIn();
}

/** Links to the extensions of VS Code that a private server has. They are relative, so that the cache may be moved. */
function linkBuiltIn() {
  const all = path.join(vscode, 'extensions');
  const wanted = readdirSync(all).filter((name) => !LEFT_OUT.includes(name));
  mkdirSync(builtIn, { recursive: true });
  for (const name of readdirSync(builtIn)) if (!wanted.includes(name)) rmSync(path.join(builtIn, name), { force: true });
  for (const name of wanted)
    try {
      symlinkSync(path.relative(builtIn, path.join(all, name)), path.join(builtIn, name));
    } catch (error) {
      if (error.code !== 'EEXIST') throw error; // linked before, or by another run right now
    }
}

/** VS Code writes its log files with a native module. If it isn't compiled, there would be no log files, and *Show Log* would be empty. */
function standInForLogs() {
  // The location where the module is looked for after all locations of a native build, with require(), which also accepts a folder: no file of the package is
  // changed.
  const standIn = path.join(vscode, 'node_modules/@vscode/spdlog/build/default/spdlog.node/index.js');
  const source = readFileSync(inRoot('scripts/code-server/spdlog.cjs'));
  if (existsSync(standIn) && readFileSync(standIn).equals(source)) return;
  mkdirSync(path.dirname(standIn), { recursive: true });
  writeFileSync(standIn, source);
}

export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** Settings of a workbench that shows only the extension. */
export const QUIET = {
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
  'workbench.reduceMotion': 'on',
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.welcomePage.walkthroughs.openOnInstall': false,
  'window.commandCenter': false,
  'chat.disableAIFeatures': true,
  'security.workspace.trust.enabled': false,
  'telemetry.telemetryLevel': 'off',
  'extensions.autoUpdate': false,
  'extensions.autoCheckUpdates': false,
  'git.enabled': false,
};

/** Variables of an editor or server that started us, which must not affect a private server. */
const FOREIGN = ['VSCODE_IPC_HOOK_CLI', 'NODE_OPTIONS', 'PORT', 'PASSWORD', 'HASHED_PASSWORD', 'ELECTRON_RUN_AS_NODE'];

/** SIGHUP too: a closed terminal must not leave an open workbench behind. */
const ENDING = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** The environment of a server whose own files are in `own`. */
function environmentOf(own, env) {
  // No gallery, so nothing is looked up on the internet.
  const all = { ...process.env, ...homeVariables(own), TMPDIR: own, EXTENSIONS_GALLERY: '{}', ...env };
  for (const name of FOREIGN) delete all[name];
  return all;
}

const installed = new Map();

/** A folder with these extensions, which is made once for all servers of this process: an installation takes seconds, and a copy of it none. */
function installedOnce(files) {
  const key = files.join('\0');
  if (!installed.has(key)) installed.set(key, install(files));
  return installed.get(key);
}

async function install(files) {
  const { folder } = temporaryFolder('ik-');
  const extensions = path.join(folder, 'extensions');
  mkdirSync(extensions);
  const folders = ['--user-data-dir', path.join(folder, 'data'), '--extensions-dir', extensions];
  const args = files.flatMap((file) => ['--install-extension', file]);
  if (files.length > 0) await runLogged('install-extensions', node, [entry, ...folders, ...args], { env: environmentOf(folder) });
  return extensions;
}

/**
 * A private server on 127.0.0.1 with extensions installed; stop() ends it and its folder. userHome: HOME of the extension host; a fresh one unless given.
 * settings: added to the user settings. isolated: in a PID namespace, from which processes outside can be neither seen nor signaled; `inside` of the result
 * runs things in it.
 */
export async function startCodeServer({ vsix = [], settings = {}, env = {}, userHome, trust = false, isolated = false } = {}) {
  const { folder: own, remove } = temporaryFolder('ik-');
  const userData = path.join(own, 'data');
  const hostHome = userHome ?? path.join(own, 'home');
  const config = path.join(own, 'config.yaml');
  for (const folder of ['User', 'Machine']) mkdirSync(path.join(userData, folder), { recursive: true });
  for (const folder of [hostHome, path.join(own, 'workspace')]) mkdirSync(folder, { recursive: true });
  writeFileSync(config, 'auth: none\n');
  const userSettings = { ...QUIET, ...(trust && { 'security.workspace.trust.enabled': true }), ...settings };
  writeFileSync(path.join(userData, 'User/settings.json'), JSON.stringify(userSettings, null, 2));
  // A browser is a remote window: settings with `machine` scope are those of the server.
  writeFileSync(path.join(userData, 'Machine/settings.json'), JSON.stringify(settings, null, 2));
  const childEnv = environmentOf(own, { HOME: hostHome, ...env });

  let output = '';
  let current;
  const run = (args, [command, ...before]) => {
    const folders = [
      '--user-data-dir',
      userData,
      '--extensions-dir',
      path.join(own, 'extensions'),
      '--builtin-extensions-dir',
      builtIn,
    ];
    const all = [...before, entry, '--config', config, ...folders, ...args];
    // Detached, it leads its own process group, which can be ended as a whole.
    const child = spawn(command, all, { env: childEnv, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output = (output + data).slice(-20_000)));
    current = child;
    return new Promise((resolve) =>
      child.on('error', (error) => resolve(String(error))).on('exit', (code, signal) => resolve(code ?? signal)),
    );
  };
  const signalGroup = (signal) => {
    try {
      if (current?.pid) process.kill(-current.pid, signal);
    } catch {
      // gone already
    }
  };
  const clean = () => {
    signalGroup('SIGKILL');
    remove();
  };
  const interrupted = () => process.exit(130);
  process.prependOnceListener('exit', clean); // before its folder is removed
  for (const signal of ENDING) process.once(signal, interrupted);

  let exited = Promise.resolve();
  const stop = async () => {
    signalGroup('SIGTERM');
    await Promise.race([exited, sleep(5000, undefined, { ref: false })]);
    clean();
    process.off('exit', clean);
    for (const signal of ENDING) process.off(signal, interrupted);
  };
  try {
    cpSync(await installedOnce(vsix.map((file) => path.resolve(file))), path.join(own, 'extensions'), { recursive: true });
    const url = `http://127.0.0.1:${await freePort()}`;
    const trustArgs = trust ? [] : ['--disable-workspace-trust'];
    const socket = path.join(own, 'inside.sock');
    const isolation = isolated && [
      ...unshareCommand(),
      process.execPath,
      inRoot('scripts/lib/insideNamespace.mjs'),
      socket,
      node,
    ];
    const serverArgs = [
      ...['--bind-addr', new URL(url).host, '--auth', 'none', '--session-socket', path.join(own, 's.sock')],
      ...[
        '--disable-telemetry',
        '--disable-update-check',
        '--disable-getting-started-override',
        '--ignore-last-opened',
        ...trustArgs,
      ],
    ];
    exited = run(serverArgs, isolation || [node]);
    let ended;
    exited.then((code) => (ended = code));
    for (const end = Date.now() + 60_000; ; await sleep(50)) {
      if (ended !== undefined || Date.now() > end)
        throw new SetupError(`${output}\ncode-server did not start (${ended ?? 'no response within 60 s'}).`);
      if (
        await fetch(`${url}/healthz`).then(
          (answer) => answer.ok,
          () => false,
        )
      )
        break;
    }
    return {
      url,
      workspace: path.join(own, 'workspace'),
      home: hostHome,
      machineSettings: path.join(userData, 'Machine/settings.json'),
      output: () => output,
      ...(isolated && { inside: askInside(socket) }),
      exited,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The operations of insideNamespace.mjs, for callers outside. */
function askInside(socket) {
  const ask = async (what, argument) => {
    const connection = connect(socket);
    try {
      connection.write(`${JSON.stringify({ id: 1, [what]: argument })}\n`);
      const line = await new Promise((resolve, reject) => {
        connection.once('error', reject).once('close', () => reject(new Error('The namespace has ended.')));
        createInterface({ input: connection }).once('line', resolve);
      });
      return JSON.parse(line);
    } finally {
      connection.destroy();
    }
  };
  return {
    /** Returns its PID in the namespace and the first line that it prints; it may print nothing and exit. */
    start: (...argv) => ask('start', argv),
    isAlive: async (pid) => (await ask('alive', pid)).alive,
    /** Runs to the end. */
    run: (...argv) => ask('run', argv),
  };
}
