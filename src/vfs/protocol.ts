import type { IpfsStat, Listed, Page, Range } from './ipfsFiles';
import type { IpfsPath } from './ipfsPath';
import type { ContentSources } from './blockSources';
import type { FolderToSave, SavePlan, SaveReport } from './savedFolder';

/** The content that a request is about, and where its blocks are looked for. */
export interface Target {
  readonly sources: ContentSources;
  readonly at: IpfsPath;
  /** True for the `ipfs:` file system: what an editor would act on (obeyedNames.ts) or draw (plainNames.ts) is left out of lists, and is `no-entry`. */
  readonly withoutObeyed?: boolean;
}

/** What a block on this disk shows of its content. */
export interface KindHere {
  /** False for a folder. */
  readonly isFile: boolean;
  /** As of `ending`. */
  readonly ending: string | undefined;
}

/** The requests to the thread of the VFS bridge, with their results. Paths mean what they mean to an editor (openablePath.ts). */
export interface VfsOperations {
  /** `isObeyed`: an editor would act on it. */
  stat: { params: Target; result: IpfsStat & { readonly isObeyed: boolean } };
  list: { params: Target & Page; result: Listed };
  /** The name ending of a file, with its dot, that its first bytes show (fileEnding.ts). */
  ending: { params: Target; result: string | undefined };
  /** What these CIDs are, for those whose blocks are on this disk, in the repository or the sample; other sources aren't asked. */
  kindsHere: {
    params: { readonly sources: ContentSources; readonly cids: readonly string[] };
    result: ReadonlyMap<string, KindHere>;
  };
  /** `too-large` past `most` bytes. */
  read: { params: Target & Range & { readonly most: number }; result: Uint8Array };
  /** Writes a file to disk; returns the number of bytes. */
  save: { params: Target & { readonly file: string }; result: number };
  /** What saving a folder under this name would write. */
  planFolder: { params: Target & { readonly name: string }; result: SavePlan };
  saveFolder: { params: Target & { readonly to: FolderToSave }; result: SaveReport };
  forms: { params: { readonly cid: string }; result: { readonly v0?: string; readonly v1: string } };
  inspect: { params: undefined; result: { readonly loaded: readonly string[] } };
}
export type VfsOperation = keyof VfsOperations;

/** Sent regularly while bytes arrive, as a heartbeat. */
export interface VfsSign {
  readonly bytes: number;
  /** Of a folder: the files so far. */
  readonly files?: number | undefined;
}
