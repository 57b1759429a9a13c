// Python for the test daemon: a virtual environment in .cache with the exact versions of test/daemon/requirements.txt.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { cache, inRoot, once, SetupError } from './project.mjs';
import { runLogged, say } from './run.mjs';

const ADVICE =
  'Install Python 3.10 or later (on Debian and Ubuntu: apt-get install python3 python3-venv), or set PYTHON=/path/to/python3.';

const folder = path.join(cache, 'venv');
const python = path.join(folder, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');
const stamp = path.join(folder, '.ready');

/** The interpreter of the environment, if that exists. */
export function readyPython() {
  return existsSync(stamp) ? python : undefined;
}

/** The interpreter of the environment, which is created if it is missing or has another version. */
export async function ensurePython() {
  const requirements = inRoot('test/daemon/requirements.txt');
  const base = findPython();
  await once(stamp, [readFileSync(requirements, 'utf8'), base.version, folder], async () => {
    say(
      `Creating a Python ${base.version} environment in ${path.relative(process.cwd(), folder)} with FastAPI, uvicorn, pyarrow and DuckDB (about 260 MB)`,
    );
    await runLogged('python-venv', base.command, ['-m', 'venv', '--clear', folder], { advice: ADVICE });
    await runLogged(
      'python-packages',
      python,
      ['-m', 'pip', 'install', '--disable-pip-version-check', '--requirement', requirements],
      {
        advice: 'Is the Python package index reachable?',
      },
    );
  });
  return python;
}

function findPython() {
  const candidates = [process.env.PYTHON, 'python3', 'python'].filter(Boolean);
  for (const command of candidates) {
    const { stdout, status } = spawnSync(command, ['-c', 'import sys; print("%d.%d" % sys.version_info[:2])'], {
      encoding: 'utf8',
    });
    const [major, minor] = (stdout ?? '').trim().split('.').map(Number);
    if (status === 0 && (major > 3 || (major === 3 && minor >= 10))) return { command, version: stdout.trim() };
  }
  throw new SetupError(`No Python 3.10 or later was found (looked for ${candidates.join(', ')}). ${ADVICE}`);
}
