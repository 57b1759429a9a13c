import * as vscode from 'vscode';
import { IpfsKitError } from '../ipfsKitError';
import { safeLabel, safeLine } from '../safeText';
import { withCommas } from '../withCommas';
import type { Peer } from '../pinSource/pinSource';
import type { SourceList } from './pinLists';
import type { SourceRow } from './sourceRow';

/** The machines of a cluster, above its pins. A bundle of its own, loaded where there is a cluster. */
export class PeersRow {
  readonly id: string;
  private peers: Promise<readonly Peer[]> | undefined;
  private summary = '';

  /** `tell`: what the row says of them has changed. */
  constructor(
    private readonly list: SourceList,
    readonly parent: SourceRow | undefined,
    private readonly tell: () => void,
  ) {
    this.id = `source:${list.source.id}/peers`;
  }

  /** Never rejects: what is wrong is a row. */
  async below(): Promise<PeerRow[]> {
    return (await this.ask()).map((peer) => new PeerRow(peer, this));
  }

  /** Asked once; `forget` has them asked anew. */
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
      this.say('not known');
      return [{ id: '!', name: 'The peers could not be asked', problem: IpfsKitError.from(error).message }];
    }
  }

  private say(summary: string): void {
    if (summary === this.summary) return;
    this.summary = summary;
    this.tell();
  }

  forget(): void {
    this.peers = undefined;
  }

  item(): vscode.TreeItem {
    const item = new vscode.TreeItem('Peers', vscode.TreeItemCollapsibleState.Collapsed);
    item.id = this.id;
    void this.ask(); // to say how they are, once that is known
    item.description = this.summary;
    item.iconPath = new vscode.ThemeIcon('organization');
    item.contextValue = 'peers';
    return item;
  }
}

function healthOf(peers: readonly Peer[]): string {
  const ill = peers.filter(({ problem }) => problem !== undefined).length;
  return ill === 0
    ? `${withCommas(peers.length)} healthy`
    : `${withCommas(peers.length - ill)} of ${withCommas(peers.length)} healthy`;
}

export class PeerRow {
  readonly id: string;

  constructor(
    private readonly peer: Peer,
    readonly parent: PeersRow,
  ) {
    this.id = `${parent.id}/${peer.id}`;
  }

  item(): vscode.TreeItem {
    const { name, id, problem } = this.peer;
    const item = new vscode.TreeItem(safeLabel(name));
    item.id = this.id;
    item.description = problem === undefined ? 'healthy' : safeLine(problem, 120);
    item.iconPath = new vscode.ThemeIcon(problem === undefined ? 'vm-active' : 'warning');
    item.tooltip = [name, id, ...(problem === undefined ? [] : [problem])].map((line) => safeLine(line, 1000)).join('\n');
    item.contextValue = 'peer';
    item.accessibilityInformation = { label: `Peer ${safeLine(name)}, ${problem === undefined ? 'healthy' : safeLine(problem)}` };
    return item;
  }
}
