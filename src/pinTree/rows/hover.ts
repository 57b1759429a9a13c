import * as vscode from 'vscode';
import { COMMAND } from '../../base/contributions';
import type { SafeText } from '../../base/safeText';
import { inMarkdown, joined, safe, safeText } from '../../base/safeText';
import type { Row } from './row';

/** The links of a hover. They are the only commands that it may run, each on the row that the hover belongs to. */
const LINKS = [
  ['Open', COMMAND.openPin],
  ['Copy Link', COMMAND.copyShareLink],
  ['Copy CID', COMMAND.copyCid],
] as const;

/** The number of hovers whose links work. One is shown at a time, but VS Code asks for the next one before that has gone. */
const MOST_LINKED = 10;

/** The rows of the last hovers, by the number that is the only argument of their links: no name, type or CID is part of a link. */
const linked = new Map<number, Row>();
let made = 0;

/** The row of the hover whose link gave this argument to a command; undefined for anything else. */
export function rowOfLink(given: unknown): Row | undefined {
  return typeof given === 'number' ? linked.get(given) : undefined;
}

/**
 * The Markdown that is shown when the pointer rests on a row: the name in bold, a line for each fact, the CID as code, and the links, of which *Open* is left
 * out where nothing can be opened. Names, facts and CIDs are drawn as text.
 */
export function hover(
  row: Row,
  name: SafeText,
  facts: readonly SafeText[],
  cid: string,
  canOpen: boolean,
): vscode.MarkdownString {
  linked.set(++made, row);
  linked.delete(made - MOST_LINKED);
  const text = new vscode.MarkdownString();
  text.isTrusted = { enabledCommands: LINKS.map(([, command]) => command) };
  text.appendMarkdown('**').appendText(inMarkdown(name)).appendMarkdown('**\n\n');
  for (const fact of facts) text.appendText(inMarkdown(fact)).appendMarkdown('  \n');
  text.appendMarkdown('\n');
  if (/^[a-z\d]+$/i.test(cid)) text.appendMarkdown(safe`\`${cid}\``);
  else text.appendText(inMarkdown(safeText(cid, LONGEST_CID)));
  const links = LINKS.slice(canOpen ? 0 : 1).map(([title, command]) => safe`[${title}](command:${command}?%5B${made}%5D)`);
  text.appendMarkdown('\n\n').appendMarkdown(joined(links, ' · '));
  return text;
}

const LONGEST_CID = 500;
