/** IDs that package.json declares and the code uses; a test compares the two. */
export const EXTENSION_ID = 'ipfs-kit.ipfs-kit';

export const VIEW = { container: 'ipfsKit', pins: 'ipfsKit.pins' } as const;

export const STATUS_ITEM = 'ipfsKit.daemon';

const COMMAND_NAMES = [
  'listPins',
  'refreshPins',
  'showMore',
  'copyCid',
  'copyName',
  'showSamplePins',
  'showMenu',
  'showLog',
  'copyDiagnostics',
  'reportIssue',
  'openSettings',
  'startDaemon',
  'stopDaemon',
  'restartDaemon',
  'showDaemonProcesses',
  'showStopReceipt',
  'choosePinDatabase',
  'initialisePinDatabase',
  'findPin',
  'filterPins',
  'filterByStatus',
  'clearFilter',
  'resetView',
  'sortPins',
  'groupPins',
  'stopListing',
  'exportPins',
  'compareSources',
  'showChanges',
  'showPinDetails',
  'openPin',
  'openToSide',
  'openRow',
  'openCid',
  'openInBrowser',
  'copyShareLink',
  'copyGatewayUrl',
  'copyIpfsPath',
  'copyCidV0',
  'copyCidV1',
  'saveContent',
  'addToWorkspace',
  'closeOpened',
  'pinCid',
  'unpin',
  'renamePin',
  'verifyPin',
  'recoverPin',
  'removeFromFiles',
  'unpinEntry',
  'copyIntoFiles',
  'newFolder',
  'renameEntry',
  'moveEntry',
  'setToken',
  'connectTo',
  'chooseKuboProgram',
  'startKubo',
  'stopKubo',
] as const;
export type CommandName = (typeof COMMAND_NAMES)[number];

/** The full ID of each command by its name. */
export const COMMAND = Object.fromEntries(COMMAND_NAMES.map((name) => [name, `ipfsKit.${name}`])) as {
  readonly [Name in CommandName]: `ipfsKit.${Name}`;
};

/** `setContext` keys, for the `when` clauses of welcome views and menus. */
export const CONTEXT = {
  /** `probing`, `listed`, `cancelled`, `no-pins`, `no-items`, `none-match`, `none-with-status`, or the reason of an IpfsKitError. */
  view: 'ipfsKit.view',
  /** A word for each source in the view, with the commands that apply to it: `listed:pinCid:stopKubo refused:startKubo` (sourceContext). */
  sources: 'ipfsKit.sources',
  /** The ids of the choices that the list has (choices.ts). */
  sort: 'ipfsKit.sort',
  group: 'ipfsKit.group',
  status: 'ipfsKit.status',
  /** True while a filter is set. */
  filtered: 'ipfsKit.filtered',
  /** A word for all that some source in the view knows of its pins, so that they can be sorted and grouped by it (knownFacts.ts). */
  facts: 'ipfsKit.facts',
  /** True while a filter, an order or groups are chosen. */
  arranged: 'ipfsKit.arranged',
  /** True while a list is being read. */
  listing: 'ipfsKit.listing',
  /** True while the bundled sample is shown. */
  sample: 'ipfsKit.sample',
  /** True while there is any source of content. */
  content: 'ipfsKit.content',
} as const;

export const SETTING = {
  section: 'ipfsKit',
  daemonUrls: 'daemon.urls',
  daemonCommand: 'daemon.command',
  daemonScriptNames: 'daemon.scriptNames',
  daemonModuleNames: 'daemon.moduleNames',
  daemonCommandNames: 'daemon.commandNames',
  daemonPidFile: 'daemon.pidFile',
  gracefulTimeout: 'stop.gracefulTimeout',
  termTimeout: 'stop.termTimeout',
  kuboIdleTimeout: 'stop.kuboIdleTimeout',
  stopAllowedExtensions: 'stop.allowedExtensions',
  databasePath: 'database.path',
  pythonPath: 'python.path',
  sampleWhenMissing: 'database.sampleWhenMissing',
  statusBar: 'statusBar.show',
  history: 'history',
  contentGateways: 'content.gateways',
  browserGateway: 'content.browserGateway',
  shareGateway: 'content.shareGateway',
  sources: 'sources',
  autoRefresh: 'autoRefresh',
  kuboRepository: 'kubo.repository',
  kuboUrl: 'kubo.url',
  kuboIndirect: 'kubo.indirectPins',
  kuboCommand: 'kubo.command',
  clusterUrl: 'cluster.url',
  pinningServices: 'pinningServices',
  tlsCertificates: 'tls.certificates',
} as const;

/** The old name of each setting that was renamed, by its new name. The old one still applies where the new one is empty. */
export const OLD_NAME: Readonly<Partial<Record<string, string>>> = { [SETTING.kuboRepository]: 'content.repository' };

/** Settings, and sections of them, that determine the sources: when one of them changes, the pins are listed again. */
export const SETTINGS_OF_SOURCES: readonly string[] = [
  ...['sources', 'tls', 'daemon', 'database', 'python'],
  ...['kubo', 'cluster', 'pinningServices'],
];
