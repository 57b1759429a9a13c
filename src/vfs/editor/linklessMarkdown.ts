import * as vscode from 'vscode';
import { IPFS_SCHEME } from './ipfsUri';
import { PLAIN_TEXT_SCHEME } from './plainText';

/** In package.json: the colors of Markdown, and nothing else of it. */
const LINKLESS_MARKDOWN = 'ipfs-markdown';

/**
 * The languages in which VS Code makes links of what a file says, and what they become. The link provider of Markdown, and of extensions that build on
 * it, follows `[text](command:…)` in any file without a question (markdown-language-features of VS Code 1.139); that of search results leads to files
 * of this machine.
 */
const LINKLESS: ReadonlyMap<string, typeof LINKLESS_MARKDOWN | 'plaintext'> = new Map<
  string,
  typeof LINKLESS_MARKDOWN | 'plaintext'
>([
  ...['markdown', 'prompt', 'instructions', 'chatagent', 'chatmode', 'skill', 'mdx', 'quarto', 'rmd'].map(
    (language) => [language, LINKLESS_MARKDOWN] as const,
  ),
  ['search-result', 'plaintext'],
]);

/**
 * Takes a document of pinned content out of those languages, each time that it comes into one: VS Code chooses again when `files.associations` change,
 * which can't be told from a person's choice. Never rejects.
 */
export async function withoutCommandLinks(document: vscode.TextDocument): Promise<void> {
  if (document.uri.scheme !== IPFS_SCHEME && document.uri.scheme !== PLAIN_TEXT_SCHEME) return;
  const language = LINKLESS.get(document.languageId);
  if (language === undefined) return;
  try {
    await vscode.languages.setTextDocumentLanguage(document, language);
  } catch {
    // it has been closed meanwhile
  }
}

/** Watches for documents that the Explorer, a link or another extension opens, and looks at those that are open. */
export function watchForMarkdown(): vscode.Disposable {
  for (const document of vscode.workspace.textDocuments) void withoutCommandLinks(document);
  return vscode.workspace.onDidOpenTextDocument((document) => void withoutCommandLinks(document));
}
