import { homedir, userInfo } from 'node:os';
import path from 'node:path';

/** The home directory, always absolute: homedir() gives an empty HOME as it is, and paths below that would be relative to the current folder. */
export function homeFolder(): string {
  return homedir() || userInfo().homedir;
}

/** Expands `~` and `~/…`; any other relative path is relative to `base`, by default the home directory. */
export function expandHome(text: string, base = homeFolder()): string {
  if (text === '~') return homeFolder();
  return /^~[/\\]/.test(text) ? path.resolve(homeFolder(), text.slice(2)) : path.resolve(base, text);
}

/** Replaces the home directory with `~`, for people, and for reports that leave the machine. */
export function abbreviateHome(text: string): string {
  const home = homeFolder();
  return home.length > 1 ? text.replaceAll(home, '~') : text;
}
