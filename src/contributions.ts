/** Ids that package.json declares and the code uses; a test compares the two. */
export const EXTENSION_ID = 'ipfs-kit.ipfs-kit';

export const VIEW = { container: 'ipfsKit', pins: 'ipfsKit.pins' } as const;

export const STATUS_ITEM = 'ipfsKit.daemon';

export const COMMAND = {
  listPins: 'ipfsKit.listPins',
  refreshPins: 'ipfsKit.refreshPins',
  showMore: 'ipfsKit.showMore',
  copyCid: 'ipfsKit.copyCid',
  copyCidDone: 'ipfsKit.copyCidDone',
  copyName: 'ipfsKit.copyName',
  showSamplePins: 'ipfsKit.showSamplePins',
  showMenu: 'ipfsKit.showMenu',
  showLog: 'ipfsKit.showLog',
  copyDiagnostics: 'ipfsKit.copyDiagnostics',
  openSettings: 'ipfsKit.openSettings',
  startDaemon: 'ipfsKit.startDaemon',
  stopDaemon: 'ipfsKit.stopDaemon',
  restartDaemon: 'ipfsKit.restartDaemon',
  showDaemonProcesses: 'ipfsKit.showDaemonProcesses',
  showStopReceipt: 'ipfsKit.showStopReceipt',
  choosePinDatabase: 'ipfsKit.choosePinDatabase',
  initialisePinDatabase: 'ipfsKit.initialisePinDatabase',
  findPin: 'ipfsKit.findPin',
  filterPins: 'ipfsKit.filterPins',
  clearFilter: 'ipfsKit.clearFilter',
  sortPins: 'ipfsKit.sortPins',
  groupPins: 'ipfsKit.groupPins',
  stopListing: 'ipfsKit.stopListing',
  exportPins: 'ipfsKit.exportPins',
  showPinDetails: 'ipfsKit.showPinDetails',
  openPin: 'ipfsKit.openPin',
  openCid: 'ipfsKit.openCid',
  openInBrowser: 'ipfsKit.openInBrowser',
  copyGatewayUrl: 'ipfsKit.copyGatewayUrl',
  copyIpfsPath: 'ipfsKit.copyIpfsPath',
  copyCidV0: 'ipfsKit.copyCidV0',
  copyCidV1: 'ipfsKit.copyCidV1',
  saveContent: 'ipfsKit.saveContent',
  addToWorkspace: 'ipfsKit.addToWorkspace',
  pinCid: 'ipfsKit.pinCid',
  unpin: 'ipfsKit.unpin',
  renamePin: 'ipfsKit.renamePin',
  verifyPin: 'ipfsKit.verifyPin',
  recoverPin: 'ipfsKit.recoverPin',
  setToken: 'ipfsKit.setToken',
  startKubo: 'ipfsKit.startKubo',
  stopKubo: 'ipfsKit.stopKubo',
} as const;
export type CommandName = keyof typeof COMMAND;

/** `setContext` keys, for the `when` clauses of welcome views and menus. */
export const CONTEXT = {
  /** `idle`, `probing`, `listed`, `no-pins`, `none-match`, or the reason of an IpfsKitError. */
  view: 'ipfsKit.view',
  /** True while a filter is set. */
  filtered: 'ipfsKit.filtered',
  /** True while a list is under way. */
  listing: 'ipfsKit.listing',
  /** True while there is a place where the content of pins could be. */
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
  databasePath: 'database.path',
  pythonPath: 'python.path',
  sampleWhenMissing: 'database.sampleWhenMissing',
  statusBar: 'statusBar.show',
  contentRepository: 'content.repository',
  contentGateways: 'content.gateways',
  browserGateway: 'content.browserGateway',
  sources: 'sources',
  kuboUrl: 'kubo.url',
  kuboIndirect: 'kubo.indirectPins',
  kuboCommand: 'kubo.command',
  clusterUrl: 'cluster.url',
  pinningServices: 'pinningServices',
} as const;
