import { constants, promises as fs } from 'node:fs';
import path from 'node:path';

export interface Search {
  /** Absolute path of the folder for relative paths. */
  readonly folder: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly platform: NodeJS.Platform;
  /** For tests: replaces the check on disk. */
  readonly isRunnable?: (file: string) => Promise<boolean>;
}

/** The executable file of a program that is given by a path or found in `PATH` as the system does. Undefined where there is none. */
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
