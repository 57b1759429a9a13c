import * as vscode from 'vscode';
import type { SafeText } from '../../base/safeText';
import { safe, safeText } from '../../base/safeText';

/** Read-only documents of our own text. They stay as they were when they were opened, even if the lists change. */

const SCHEME = 'ipfs-kit-pin';
/** Documents in this folder have the language `ipfs-pin` (package.json), whatever the ending of their name. */
const FOLDER = '/pin-details';
const LONGEST_TITLE = 80;

/** The texts of the open documents, by key. */
const texts = new Map<string, SafeText>();
let registered = false;

interface TextDocument {
  /** The same document has the same key. */
  readonly key: string;
  /** The word before the title. The language goes by it (package.json). */
  readonly what: 'Pin' | 'Item' | 'Compared' | 'Changed';
  readonly title: SafeText;
  readonly text: SafeText;
  /** Whether the next document may take its place. */
  readonly preview: boolean;
}

/** Opens a document. `own` registers a disposable that is disposed of with the extension. */
export async function showTextDocument(
  { key, what, title, text, preview }: TextDocument,
  own: (disposable: vscode.Disposable) => void,
): Promise<void> {
  if (!registered) {
    registered = true;
    own(
      vscode.workspace.registerTextDocumentContentProvider(SCHEME, {
        provideTextDocumentContent: ({ query }) => texts.get(query) ?? safe``,
      }),
    );
    own(
      vscode.workspace.onDidCloseTextDocument(({ uri }) => {
        if (uri.scheme === SCHEME) texts.delete(uri.query);
      }),
    );
  }
  texts.set(key, text);
  const name = safeText(title.replace(/[/\\]/g, '∕'), LONGEST_TITLE);
  const uri = vscode.Uri.from({ scheme: SCHEME, path: `${FOLDER}/${what}: ${name}`, query: key });
  const document = await vscode.workspace.openTextDocument(uri);
  await vscode.window.showTextDocument(document, { preview });
}
