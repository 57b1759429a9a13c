import * as vscode from 'vscode';
import type { CommandName } from '../../contributions';
import { COMMAND, CONTEXT } from '../../contributions';
import type { PinView } from '../../pinTree/pinView';
import type { Settings } from '../../settings';
import type { ContentParent } from './contentRow';
import type { ContentRow } from './contentRows';
import { hasContentPlaces } from './contentPlaces';
import { IPFS_SCHEME } from './ipfsUri';
import type { Vfs } from './vfs';

export interface VfsParts {
  readonly log: vscode.LogOutputChannel;
  readonly settings: Settings;
  /** The bundle of vfsWorker.ts. */
  readonly threadFile: string;
  readonly view: () => Pick<PinView, 'chosenContent' | 'redraw' | 'revealContent'>;
}

/** Content for the tree. */
export interface ContentAccess {
  /** Whether there is a place where content could be. */
  isPossible(): boolean;
  /** Never rejects: what is wrong is a row. */
  below(parent: ContentParent): Promise<readonly ContentRow[]>;
  /** Reads the next page of a folder. */
  more(parent: ContentParent): Promise<void>;
  /** What could not be had may be there now. */
  forgetProblems(): void;
  dispose(): void;
}

const COMMANDS = [
  'openPin',
  'openInBrowser',
  'copyGatewayUrl',
  'copyIpfsPath',
  'copyCidV0',
  'copyCidV1',
  'saveContent',
  'addToWorkspace',
  'openCid',
] as const satisfies readonly CommandName[];
export type ContentCommand = (typeof COMMANDS)[number];

/** The VFS bridge seen from the editor. All that it does is loaded when something is opened for the first time. */
export function registerVfs(
  parts: VfsParts,
  register: (id: string, run: (...given: readonly unknown[]) => Promise<unknown>) => vscode.Disposable,
): ContentAccess {
  let loading: Promise<Vfs> | undefined;
  let loaded: Vfs | undefined;
  const vfs = (): Promise<Vfs> => (loading ??= import('./vfs').then(({ createVfs }) => (loaded = createVfs(parts))));
  const isPossible = (): boolean => {
    const possible = hasContentPlaces(parts.settings);
    if (possible !== told) void vscode.commands.executeCommand('setContext', CONTEXT.content, (told = possible));
    return possible;
  };
  let told = false;
  const changed = new vscode.EventEmitter<vscode.FileChangeEvent[]>();
  const refuse = (): never => {
    throw vscode.FileSystemError.NoPermissions('Content on IPFS never changes: a CID names its bytes.');
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
    parts.settings.onDidChange((affects) => {
      if (affects('content')) parts.view().redraw();
    }),
    ...COMMANDS.map((name) =>
      register(COMMAND[name], async (clicked, selected) =>
        (await vfs()).run(name, parts.view().chosenContent(clicked, selected), clicked),
      ),
    ),
  );
  return {
    isPossible,
    below: async (parent) => (await vfs()).rows.below(parent),
    more: async (parent) => (await vfs()).rows.more(parent),
    forgetProblems: () => loaded?.rows.forgetProblems(),
    dispose: () => {
      void registered.dispose();
      loaded?.dispose();
    },
  };
}
