/** The environment variables that Python and its libraries need to be found and loaded. */
const NEEDED = ['PATH', 'HOME', 'LANG', 'LC_ALL', 'LC_CTYPE', 'LD_LIBRARY_PATH', 'DYLD_LIBRARY_PATH', 'TMPDIR', 'TEMP', 'TMP'];
const NEEDED_ON_WINDOWS = ['SystemRoot', 'USERPROFILE', 'APPDATA', 'LOCALAPPDATA', 'PATHEXT', 'Path', 'SYSTEMROOT'];

export function pythonEnvironment(all: NodeJS.ProcessEnv): Record<string, string> {
  const names = [...NEEDED, ...NEEDED_ON_WINDOWS];
  return Object.fromEntries(names.flatMap((name) => (all[name] === undefined ? [] : [[name, all[name]]])));
}
