import * as vscode from 'vscode';
import { IpfsKitError } from '../../base/ipfsKitError';
import { safe, safeText } from '../../base/safeText';
import { canonicalCid } from '../../pin/cid';
import type { CommandParts } from './askedContent';
import { cidOf } from './askedContent';
import { browserGateway, gatewayUrl } from './browserGateway';
import type { ContentTarget } from './contentTarget';
import { copyTexts } from './copyTexts';
import { seenFromWindow } from './openInBrowser';
import { shareLink } from './shareLink';

type TextOf = (parts: CommandParts, target: ContentTarget) => string | Promise<string>;
type What = 'Link' | 'Path' | 'URL' | 'CID';

/** The key in the editor's memory that is set once the notification about who can open share links has been shown. */
const IS_TOLD = 'shareLink.told';

/** As long as the one line that VS Code shows of a notification without buttons. */
const LINK_COPIED = 'Link copied. It works while a node with this content is online.';

/** Copies the texts of all these items, one per line. */
const copying =
  (what: What, textOf: TextOf) =>
  async (parts: CommandParts, targets: readonly ContentTarget[]): Promise<void> => {
    const texts = await Promise.all(targets.map(async (target) => textOf(parts, target)));
    await copyTexts(safe`${what}`, ...texts);
  };

const copyLinks = copying('Link', ({ settings }, target) => shareLink(settings, target));

export const COPY_COMMANDS = {
  copyShareLink: async (parts: CommandParts, targets: readonly ContentTarget[]): Promise<void> => {
    await copyLinks(parts, targets);
    if (parts.memory.get(IS_TOLD) === true) return;
    void parts.memory.update(IS_TOLD, true);
    void vscode.window.showInformationMessage(LINK_COPIED);
  },
  copyIpfsPath: copying('Path', (_parts, { at }) => `/ipfs/${[canonicalCid(at.cid), ...at.path].join('/')}`),
  copyGatewayUrl: copying('URL', async ({ settings }, { at }) => {
    const gateway = browserGateway(settings);
    return gatewayUrl((await seenFromWindow(gateway)) ?? gateway, at);
  }),
  copyCidV0: copying('CID', async (parts, target) => {
    const { v0 } = await parts.thread.request('forms', { cid: await cidOf(parts, target) });
    if (v0 !== undefined) return v0;
    throw new IpfsKitError(
      'unsupported',
      `${safeText(target.name)} has no CIDv0, which supports only dag-pb with SHA-256. Copy it as CIDv1 instead.`,
    );
  }),
  copyCidV1: copying(
    'CID',
    async (parts, target) => (await parts.thread.request('forms', { cid: await cidOf(parts, target) })).v1,
  ),
};
