import * as vscode from 'vscode';
import { IpfsKitError } from '../../base/ipfsKitError';
import { safeText } from '../../base/safeText';
import { canonicalCid } from '../../pin/cid';
import type { CommandParts } from './askedContent';
import { cidOf } from './askedContent';
import { browserGateway, gatewayUrl } from './browserGateway';
import type { ContentTarget } from './contentTarget';
import { seenFromWindow } from './openInBrowser';

type TextOf = (parts: CommandParts, target: ContentTarget) => Promise<string>;

/** Copies the texts of all these items, one per line. */
const copying =
  (textOf: TextOf) =>
  async (parts: CommandParts, targets: readonly ContentTarget[]): Promise<void> => {
    const texts = await Promise.all(targets.map((target) => textOf(parts, target)));
    await vscode.env.clipboard.writeText(texts.join('\n'));
    vscode.window.setStatusBarMessage('$(check) Copied', 2000);
  };

export const COPY_COMMANDS = {
  copyIpfsPath: copying((_parts, { at }) => Promise.resolve(`/ipfs/${[canonicalCid(at.cid), ...at.path].join('/')}`)),
  copyGatewayUrl: copying(async ({ settings }, { at }) => {
    const gateway = browserGateway(settings);
    return gatewayUrl((await seenFromWindow(gateway)) ?? gateway, at);
  }),
  copyCidV0: copying(async (parts, target) => {
    const { v0 } = await parts.thread.request('forms', { cid: await cidOf(parts, target) });
    if (v0 !== undefined) return v0;
    throw new IpfsKitError(
      'unsupported',
      `${safeText(target.name)} has no CID of version 0: version 0 supports only dag-pb with SHA-256. Copy CID v1 instead.`,
    );
  }),
  copyCidV1: copying(async (parts, target) => (await parts.thread.request('forms', { cid: await cidOf(parts, target) })).v1),
};
