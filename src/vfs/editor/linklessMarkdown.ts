import * as vscode from 'vscode';
import { IPFS_SCHEME } from './ipfsUri';

/** In package.json: the colors of Markdown, and nothing else of it. */
export const LINKLESS_MARKDOWN = 'ipfs-markdown';

/**
 * The languages of VS Code's Markdown extension, and of extensions that build on it. Its link provider makes links of `[text](command:…)` in any file,
 * and a click runs the command without a question (markdown-language-features, package.json and documentLinkProvider of VS Code 1.139).
 */
const WITH_COMMAND_LINKS = new Set([
  'markdown',
  'prompt',
  'instructions',
  'chatagent',
  'chatmode',
  'skill',
  'mdx',
  'quarto',
  'rmd',
]);

/** Asked once for each document: a person may choose Markdown for it after that. */
const asked = new WeakSet<vscode.TextDocument>();

/** Takes a document of pinned content out of those languages. Never rejects. */
export async function withoutCommandLinks(document: vscode.TextDocument): Promise<void> {
  if (document.uri.scheme !== IPFS_SCHEME || asked.has(document)) return;
  asked.add(document);
  if (!WITH_COMMAND_LINKS.has(document.languageId)) return;
  try {
    await vscode.languages.setTextDocumentLanguage(document, LINKLESS_MARKDOWN);
  } catch {
    // it has been closed meanwhile
  }
}

/** Watches for documents that the Explorer, a link or another extension opens, and looks at those that are open. */
export function watchForMarkdown(): vscode.Disposable {
  for (const document of vscode.workspace.textDocuments) void withoutCommandLinks(document);
  return vscode.workspace.onDidOpenTextDocument((document) => void withoutCommandLinks(document));
}
