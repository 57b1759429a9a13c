import * as vscode from 'vscode';
import { IpfsKitError } from '../../base/ipfsKitError';
import type { CommandParts } from './askedContent';
import { browserGateway, forwardedGateway, gatewayUrl } from './browserGateway';
import type { ContentTarget } from './contentTarget';

export async function openInBrowser({ settings }: CommandParts, target: ContentTarget): Promise<void> {
  const gateway = browserGateway(settings);
  if ((await seenFromWindow(gateway)) === undefined)
    throw new IpfsKitError(
      'unsupported',
      `This editor shows ${gateway} as part of its own site, where a page could act as the editor. Set ipfsKit.content.browserGateway to a gateway that has its own host.`,
    );
  await vscode.env.openExternal(vscode.Uri.parse(gatewayUrl(gateway, target.at), true)); // The call finds the forwarded port by itself.
}

/** Whether openInBrowser would open anything. */
export async function canOpenInBrowser(settings: CommandParts['settings']): Promise<boolean> {
  try {
    return (await seenFromWindow(browserGateway(settings))) !== undefined;
  } catch {
    return false; // The setting isn't the address of a gateway, which the command says.
  }
}

/** The gateway as the person's browser reaches it: from a remote window, the editor forwards a port to a gateway of the remote machine. As forwardedGateway. */
export async function seenFromWindow(gateway: string): Promise<string | undefined> {
  if (vscode.env.remoteName === undefined || new URL(gateway).hostname !== 'localhost') return gateway;
  return forwardedGateway((await vscode.env.asExternalUri(vscode.Uri.parse(gateway, true))).toString(true));
}
