import * as vscode from 'vscode';
import { canonicalCid } from '../../pin/cid';
import type { IpfsPath } from '../ipfsPath';
import { IPFS_SCHEME } from './contentSchemes';

/** `ipfs:/CID/a/b`. `name` is added after a bare CID, so that an editor knows the file type. The file system ignores `query`. */
export function ipfsUri({ cid, path }: IpfsPath, name?: string, query?: string): vscode.Uri {
  const names = path.length === 0 && name !== undefined ? [name] : path;
  return vscode.Uri.from({
    scheme: IPFS_SCHEME,
    path: `/${[canonicalCid(cid), ...names].join('/')}`,
    ...(query !== undefined && { query }),
  });
}

export function pathOfUri(uri: vscode.Uri): IpfsPath {
  const [cid = '', ...path] = uri.path.split('/').filter((name) => name !== '');
  return { cid, path };
}
