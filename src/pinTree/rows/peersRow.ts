import * as vscode from 'vscode';
import { IpfsKitError } from '../../base/ipfsKitError';
import type { SafeText } from '../../base/safeText';
import { joined, safe, safeName, safeText } from '../../base/safeText';
import { withCommas } from '../../base/withCommas';
import type { Peer } from '../../pinSource/pinSource';
import type { SourceList } from '../list/sourceList';
import type { Redraw, Row } from './row';

/** The row above a cluster's pins that has the peers of the cluster below it. */
export class PeersRow implements Row {
  readonly id: string;
  private peers: Promise<readonly Peer[]> | undefined;
  private summary = safe``;

  constructor(
    private readonly list: SourceList,
    readonly parent: Row | undefined,
    private readonly redraw: Redraw,
  ) {
    this.id = `source:${list.source.id}/peers`;
  }

  async children(): Promise<readonly PeerRow[]> {
    return (await this.ask()).map((peer) => new PeerRow(peer, this));
  }

  /** Reads the peers once; after `forget`, again. */
  private ask(): Promise<readonly Peer[]> {
    this.peers ??= this.look();
    return this.peers;
  }

  private async look(): Promise<readonly Peer[]> {
    try {
      const peers = (await this.list.source.peers?.()) ?? [];
      this.say(healthOf(peers));
      return peers;
    } catch (error) {
      this.say(safe`unknown`);
      return [{ id: '!', name: "The peers couldn't be loaded", problem: IpfsKitError.from(error).message }];
    }
  }

  private say(summary: SafeText): void {
    if (summary === this.summary) return;
    this.summary = summary;
    this.redraw(this);
  }

  forget(): void {
    this.peers = undefined;
  }

  item(): vscode.TreeItem {
    const item = new vscode.TreeItem('Peers', vscode.TreeItemCollapsibleState.Collapsed);
    item.id = this.id;
    void this.ask(); // the description follows once the peers are known
    item.description = this.summary;
    item.iconPath = new vscode.ThemeIcon('organization');
    item.contextValue = 'peers';
    return item;
  }
}

function healthOf(peers: readonly Peer[]): SafeText {
  const ill = peers.filter(({ problem }) => problem !== undefined).length;
  return ill === 0
    ? safe`${withCommas(peers.length)} healthy`
    : safe`${withCommas(peers.length - ill)} of ${withCommas(peers.length)} healthy`;
}

export class PeerRow implements Row {
  readonly id: string;

  constructor(
    private readonly peer: Peer,
    readonly parent: PeersRow,
  ) {
    this.id = `${parent.id}/${peer.id}`;
  }

  item(): vscode.TreeItem {
    const { name, id, problem } = this.peer;
    const item = new vscode.TreeItem(safeName(name));
    item.id = this.id;
    item.description = problem === undefined ? 'healthy' : safeText(problem, 120);
    item.iconPath = new vscode.ThemeIcon(problem === undefined ? 'vm-active' : 'warning');
    item.tooltip = joined(
      [safeText(name, 1000), safeText(id, 1000), problem === undefined ? undefined : safeText(problem, 1000)],
      '\n',
    );
    item.contextValue = 'peer';
    item.accessibilityInformation = {
      label: safe`Peer ${safeName(name)}, ${problem === undefined ? 'healthy' : safeText(problem)}`,
    };
    return item;
  }
}
