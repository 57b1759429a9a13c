import * as vscode from 'vscode';
import { IPFS_SCHEME, PLAIN_TEXT_SCHEME } from './contentSchemes';

/** A language in package.json with the colors of Markdown and no links. */
const LINKLESS_MARKDOWN = 'ipfs-markdown';

/**
 * The languages in which VS Code makes links of a file's text, each with its replacement. The link provider of Markdown, and of extensions that build on it,
 * follows `[text](command:…)` in any file without a question (markdown-language-features of VS Code 1.139); that of search results leads to files of this
 * machine.
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
 * Moves a document of pinned content out of those languages, each time it gets one: VS Code chooses again when `files.associations` change, and a choice of the
 * person looks the same. Never rejects.
 */
export async function withoutCommandLinks(document: vscode.TextDocument): Promise<void> {
  if (document.uri.scheme !== IPFS_SCHEME && document.uri.scheme !== PLAIN_TEXT_SCHEME) return;
  const language = LINKLESS.get(document.languageId);
  if (language === undefined) return;
  try {
    await vscode.languages.setTextDocumentLanguage(document, language);
  } catch {
    // The document has been closed meanwhile.
  }
}

/** Watches for documents that the Explorer, a link or another extension opens, and checks those that are already open. */
export function watchForMarkdown(): vscode.Disposable {
  for (const document of vscode.workspace.textDocuments) void withoutCommandLinks(document);
  return vscode.workspace.onDidOpenTextDocument((document) => void withoutCommandLinks(document));
}
