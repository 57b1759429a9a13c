import { constants, promises as fs } from 'node:fs';
import path from 'node:path';

export interface Search {
  /** Absolute: where a relative path begins. */
  readonly folder: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly platform: NodeJS.Platform;
  /** In place of a look at the disk. */
  readonly isRunnable?: (file: string) => Promise<boolean>;
}

/** The file that a program is started from: named by a path, or found along `PATH` as the system does. Undefined where there is none that may be run. */
export async function programOnPath(
  program: string,
  { folder, environment, platform, isRunnable = mayRun }: Search,
): Promise<string | undefined> {
  const isWindows = platform === 'win32';
  const paths = isWindows ? path.win32 : path.posix;
  const endings =
    isWindows && paths.extname(program) === '' ? (environment['PATHEXT'] ?? '.COM;.EXE;.BAT;.CMD').split(';') : [''];
  const searchPath = Object.entries(environment).find(([name]) => (isWindows ? name.toUpperCase() : name) === 'PATH')?.[1] ?? '';
  const isNamed = program.includes('/') || (isWindows && program.includes('\\'));
  const folders = isNamed ? [folder] : searchPath.split(paths.delimiter).filter((each) => paths.isAbsolute(each));
  for (const each of folders)
    for (const ending of endings) {
      const file = paths.resolve(each, program + ending);
      if (await isRunnable(file)) return file;
    }
  return undefined;
}

async function mayRun(file: string): Promise<boolean> {
  try {
    await fs.access(file, constants.X_OK);
    return (await fs.stat(file)).isFile();
  } catch {
    return false;
  }
}
