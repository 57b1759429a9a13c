import { homedir } from 'node:os';
import path from 'node:path';

/** Expands `~` and `~/…`; any other relative path is relative to the home directory. */
export function expandHome(text: string): string {
  if (text === '~') return homedir();
  return path.resolve(homedir(), /^~[/\\]/.test(text) ? text.slice(2) : text);
}

/** Replaces the home directory with `~`, for people, and for reports that leave the machine. */
export function abbreviateHome(text: string): string {
  const home = homedir();
  return home.length > 1 ? text.replaceAll(home, '~') : text;
}
