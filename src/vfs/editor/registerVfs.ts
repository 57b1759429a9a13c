import * as vscode from 'vscode';
import { COMMAND, CONTEXT } from '../../base/contributions';
import type { Register } from '../../base/register';
import type { ContentAccess, Vfs, VfsParts } from './contentParts';
import { CONTENT_COMMANDS } from './contentParts';
import { IPFS_SCHEME, PLAIN_TEXT_SCHEME } from './contentSchemes';
import { hasBlocksHere, hasContentSources } from './hasContentSources';
import type { KindHere } from '../protocol';
import { watchForMarkdown } from './linklessMarkdown';

/** Registers the `ipfs:` file system and the commands on content. Their bundle is loaded when something is opened for the first time. */
export function registerVfs(parts: VfsParts, register: Register): ContentAccess {
  let loading: Promise<Vfs> | undefined;
  let loaded: Vfs | undefined;
  const vfs = (): Promise<Vfs> => (loading ??= import('./vfs').then(({ createVfs }) => (loaded = createVfs(parts))));
  const isPossible = (): boolean => {
    const possible = parts.sample() !== undefined || hasContentSources(parts.settings);
    if (possible !== published) void vscode.commands.executeCommand('setContext', CONTEXT.content, (published = possible));
    return possible;
  };
  let published = false;
  const changed = new vscode.EventEmitter<vscode.FileChangeEvent[]>();
  const refuse = (): never => {
    throw vscode.FileSystemError.NoPermissions('Content on IPFS never changes: a CID identifies its bytes.');
  };
  const registered = vscode.Disposable.from(
    changed,
    vscode.workspace.registerFileSystemProvider(
      IPFS_SCHEME,
      {
        onDidChangeFile: changed.event,
        watch: () => new vscode.Disposable(() => undefined),
        stat: async (uri) => (await vfs()).stat(uri),
        readDirectory: async (uri) => (await vfs()).readDirectory(uri),
        readFile: async (uri) => (await vfs()).readFile(uri),
        createDirectory: refuse,
        writeFile: refuse,
        delete: refuse,
        rename: refuse,
      },
      { isCaseSensitive: true, isReadonly: true },
    ),
    watchForMarkdown(),
    vscode.workspace.registerTextDocumentContentProvider(PLAIN_TEXT_SCHEME, {
      provideTextDocumentContent: async (uri) => (await vfs()).plainText(uri),
    }),
    parts.settings.onDidChange((affects) => {
      if (affects('content') || affects('kubo')) parts.redraw();
    }),
    ...CONTENT_COMMANDS.map((name) =>
      register(COMMAND[name], async (...given) => {
        const { chosenContent } = await parts.view();
        return (await vfs()).run(name, chosenContent(given[0], given[1]), given);
      }),
    ),
  );
  return {
    isPossible,
    list: async (at, page) => (await vfs()).content.list(at, page),
    stat: async (at) => (await vfs()).content.stat(at),
    kindsHere: async (cids, signal) =>
      parts.sample() !== undefined || hasBlocksHere(parts.settings)
        ? (await vfs()).content.kindsHere(cids, signal)
        : new Map<string, KindHere>(),
    dispose: () => {
      void registered.dispose();
      loaded?.dispose();
    },
  };
}
