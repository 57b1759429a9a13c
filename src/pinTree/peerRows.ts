import * as vscode from 'vscode';
import { safeLabel, safeLine } from '../safeText';
import type { Peer } from '../pinSource/pinSource';
import type { SourceList } from './pinLists';
import type { SourceRow } from './sourceRow';

/** The machines of a cluster, above its pins. A bundle of its own, loaded where there is a cluster. */
export class PeersRow {
  readonly id: string;
  private peers: Promise<readonly Peer[]> | undefined;

  constructor(
    private readonly list: SourceList,
    readonly parent: SourceRow | undefined,
  ) {
    this.id = `source:${list.source.id}/peers`;
  }

  /** Asked once; `forget` has them asked anew. Never rejects: what is wrong is a row. */
  async below(): Promise<PeerRow[]> {
    this.peers ??= this.list.source.peers?.() ?? Promise.resolve([]);
    const peers = await this.peers.catch((error: unknown): readonly Peer[] => {
      const problem = error instanceof Error ? error.message : String(error);
      return [{ id: '!', name: 'The peers could not be asked', problem }];
    });
    return peers.map((peer) => new PeerRow(peer, this));
  }

  forget(): void {
    this.peers = undefined;
  }

  item(): vscode.TreeItem {
    const item = new vscode.TreeItem('Peers', vscode.TreeItemCollapsibleState.Collapsed);
    item.id = this.id;
    item.iconPath = new vscode.ThemeIcon('organization');
    item.contextValue = 'peers';
    return item;
  }
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
