import { homedir } from 'node:os';
import path from 'node:path';

/** `~` and `~/…` as people write them; anything else is taken from the home directory when it is relative. */
export function expandHome(text: string): string {
  if (text === '~') return homedir();
  return path.resolve(homedir(), /^~[/\\]/.test(text) ? text.slice(2) : text);
}

/** The home directory as `~` again: for people, and for reports that leave the machine. */
export function abbreviateHome(text: string): string {
  const home = homedir();
  return home.length > 1 ? text.replaceAll(home, '~') : text;
}
