import * as vscode from 'vscode';
import { savedTokens } from '../../daemonClient/tokenCache';
import { IpfsKitError } from '../../base/ipfsKitError';
import { tokenReader } from '../../daemonClient/tokenReader';
import { documentText, safeText } from '../../base/safeText';
import type { IpfsPath } from '../ipfsPath';
import type { IpfsType } from '../ipfsFiles';
import { isPathName } from '../../pin/fileName';
import type { Target } from '../protocol';
import type { VfsThread } from '../vfsThread';
import type { MissingPart } from '../unixfsFolder';
import { createVfsThread } from '../vfsThread';
import { runContentCommand } from './contentCommands';
import { contentSources, withTokens } from './contentSources';
import { pathOfUri } from './ipfsUri';
import { MOST_PLAIN_TEXT, pathOfPlainText } from './plainTextUri';
import type { Vfs, VfsParts } from './contentParts';
import { partsMissing } from './contentParts';

/** The most bytes that an editor reads as a whole. */
const MOST_READ = 256 * 2 ** 20;
/** The most entries of a folder that are listed for the editor; the tree has pages instead. */
const MOST_ENTRIES = 50_000;
const PAGE = 1000;
/** The time to list a whole folder with names and types (ms). */
const PATIENCE_MS = 5000;

const FILE_TYPE: Readonly<Record<IpfsType, vscode.FileType>> = {
  file: vscode.FileType.File,
  data: vscode.FileType.File,
  directory: vscode.FileType.Directory,
  symlink: vscode.FileType.SymbolicLink,
  unknown: vscode.FileType.Unknown,
};

/** The bundle behind registerVfs.ts: starts the thread that reads content, and sends it requests. */
export function createVfs(parts: VfsParts): Vfs {
  const { log, settings, secrets, threadFile } = parts;
  const onEnded = (why: IpfsKitError): void => {
    if (!IpfsKitError.is(why, 'cancelled')) log.warn(`Content thread ended: ${why.message}`);
  };
  const started = createVfsThread(threadFile, onEnded, (note) => log.warn(`Content: ${note}`));
  const tokens = savedTokens(tokenReader(secrets));
  const thread: VfsThread = {
    ...started,
    request: async (operation, params, options) => {
      const asked = params && 'sources' in params ? { ...params, sources: await withTokens(params.sources, tokens) } : params;
      return started.request(operation, asked, options);
    },
  };
  const target = (at: IpfsPath): Target => ({ sources: contentSources(settings, parts.sample()), at });
  /** The target of a URI of the `ipfs:` file system, which leaves out everything that an editor acts on. */
  const targetOf = (uri: vscode.Uri): Target => ({ ...target(pathOfUri(uri)), withoutObeyed: true });

  /** Translates errors for VS Code's file service; the log gets what it doesn't show. */
  const forEditor = async <T>(uri: vscode.Uri, work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      const { reason, message } = IpfsKitError.from(error);
      if (reason === 'no-entry') throw vscode.FileSystemError.FileNotFound(uri);
      log.warn(`${uri.toString()}: ${message}`);
      const text = safeText(message, 600);
      if (reason === 'not-a-folder') throw vscode.FileSystemError.FileNotADirectory(text);
      if (reason === 'not-a-file') throw vscode.FileSystemError.FileIsADirectory(text);
      throw vscode.FileSystemError.Unavailable(text);
    }
  };

  /**
   * The files with an open notification. For a file that can't be read, the editor says only that an error occurred; a notification says which, once at a time.
   */
  const telling = new Set<string>();
  const tell = async (uri: vscode.Uri, what: string): Promise<void> => {
    const message = safeText(`${uri.path.split('/').at(-1) ?? ''}: ${what}`, 600);
    if (telling.has(message)) return;
    telling.add(message);
    await log.offer(message);
    telling.delete(message);
  };
  const read = async (uri: vscode.Uri): Promise<Uint8Array> => {
    try {
      return await thread.request('read', { ...targetOf(uri), most: MOST_READ });
    } catch (error) {
      if (!IpfsKitError.is(error, 'no-entry', 'not-a-file', 'cancelled')) void tell(uri, IpfsKitError.from(error).message);
      throw error;
    }
  };

  const entriesOf = async (uri: vscode.Uri): Promise<[string, vscode.FileType][]> => {
    const entries = new Map<string, vscode.FileType>();
    const missing: MissingPart[] = [];
    const until = performance.now() + PATIENCE_MS;
    for (let offset = 0, more = true; more && offset < MOST_ENTRIES; offset += PAGE) {
      const patience = { ms: Math.max(0, until - performance.now()) };
      const without = missing.map(({ cid }) => cid);
      const page = await thread.request('list', { ...targetOf(uri), offset, limit: PAGE, without, patience });
      for (const { name, type } of page.entries) if (isPathName(name) && !entries.has(name)) entries.set(name, FILE_TYPE[type]);
      missing.push(...page.missing);
      more = page.more;
    }
    const [part] = missing;
    // The editor gets only the known names, so a notification says that some are missing.
    if (part) void tell(uri, `${partsMissing(missing.length)}. ${part.message}`);
    return [...entries];
  };

  const vfs: Vfs = {
    content: {
      list: (at, page) => thread.request('list', { ...target(at), ...page }),
      stat: (at) => thread.request('stat', target(at)),
      kindsHere: (cids, signal) =>
        thread.request('kindsHere', { sources: contentSources(settings, parts.sample()), cids }, { signal }),
    },
    stat: (uri) =>
      forEditor(
        uri,
        thread.request('stat', targetOf(uri)).then(({ type, sizeBytes = 0, modifiedMs = 0 }) => ({
          type: FILE_TYPE[type],
          ctime: 0,
          mtime: modifiedMs,
          size: sizeBytes,
          permissions: vscode.FilePermission.Readonly,
        })),
      ),
    readDirectory: (uri) => forEditor(uri, entriesOf(uri)),
    readFile: (uri) => forEditor(uri, read(uri)),
    plainText: async (uri) => {
      try {
        const at = pathOfPlainText(uri);
        if (!at) throw new IpfsKitError('no-entry', "This document doesn't exist.");
        const bytes = await thread.request('read', { ...target(at), most: MOST_PLAIN_TEXT });
        return documentText(new TextDecoder().decode(bytes));
      } catch (error) {
        throw new Error(safeText(IpfsKitError.from(error).message, 600), { cause: error });
      }
    },
    run: (command, targets, given) => runContentCommand(command, { ...parts, thread, target }, targets, given),
    dispose: () => void thread.dispose(),
  };
  tokens.watch(parts.redraw);
  return vfs;
}
