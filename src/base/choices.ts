/** A choice of a submenu and a pick. */
export interface Choice {
  /** The last part of its command, and the value of the context key while it is on. Public: never rename one. */
  readonly id: string;
  /** The value in the view of the lists, or the term of the filter; undefined for none. */
  readonly key: string | undefined;
  readonly label: string;
}

/** What *Sort*, *Group* and *Status* offer, in their order. package.json has a command and a menu entry for each; a test compares them. */
export const CHOICES = {
  sort: [
    { id: 'default', key: undefined, label: 'Default order' },
    { id: 'stored', key: 'stored', label: 'As stored' },
    { id: 'name', key: 'name', label: 'Name, A to Z' },
    { id: 'nameDescending', key: '-name', label: 'Name, Z to A' },
    { id: 'newest', key: '-time', label: 'Newest first' },
    { id: 'oldest', key: 'time', label: 'Oldest first' },
    { id: 'largest', key: '-size', label: 'Largest first' },
    { id: 'smallest', key: 'size', label: 'Smallest first' },
    { id: 'fewestCopies', key: 'copies', label: 'Copies (fewest first)' },
  ],
  group: [
    { id: 'none', key: undefined, label: 'No groups' },
    { id: 'folder', key: 'folder', label: 'VFS folder' },
    { id: 'type', key: 'type', label: 'Type' },
    { id: 'status', key: 'status', label: 'Status' },
    { id: 'tier', key: 'tier', label: 'Storage tier' },
    { id: 'backend', key: 'backend', label: 'Backend' },
    { id: 'month', key: 'month', label: 'Month' },
    { id: 'copies', key: 'copies', label: 'Copies' },
    { id: 'source', key: 'source', label: 'Source' },
  ],
  // The statuses are those of pinning services, into which those of a cluster are translated. A pin database may have others.
  status: [
    { id: 'any', key: undefined, label: 'Any status' },
    { id: 'notPinned', key: '-status:pinned', label: 'All but pinned' },
    { id: 'failed', key: 'status:failed', label: 'Failed' },
    { id: 'queued', key: 'status:queued', label: 'Queued' },
    { id: 'pinning', key: 'status:pinning', label: 'Pinning' },
    { id: 'pinned', key: 'status:pinned', label: 'Pinned' },
    { id: 'unpinning', key: 'status:unpinning', label: 'Unpinning' },
    { id: 'unpinned', key: 'status:unpinned', label: 'Unpinned' },
    { id: 'unknown', key: 'status:unknown', label: 'Unknown' },
  ],
} as const satisfies Readonly<Record<string, readonly Choice[]>>;

export type ChoiceKind = keyof typeof CHOICES;
export const CHOICE_KINDS = ['sort', 'group', 'status'] as const satisfies readonly ChoiceKind[];

/**
 * The commands of a choice. VS Code draws no check marks for commands of extensions (microsoft/vscode#109306), so the one that is on is drawn by a second
 * command with the check mark in its title.
 */
export function choiceCommands(kind: ChoiceKind, { id }: Choice): readonly [plain: string, ticked: string] {
  return [`ipfsKit.${kind}.${id}`, `ipfsKit.${kind}.${id}.on`];
}
