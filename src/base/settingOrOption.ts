import { getEnvironmentData, setEnvironmentData } from 'node:worker_threads';

/** What a next step names: a setting of the editor, or the command-line option for it. */
const NAMES = {
  daemon: ['ipfsKit.daemon.urls', '--daemon'],
  database: ['ipfsKit.database.path', '--database'],
  python: ['ipfsKit.python.path', '--python'],
  repository: ['ipfsKit.kubo.repository', '--kubo'],
  blocks: ['ipfsKit.kubo.repository', '--repo'],
  kubo: ['ipfsKit.kubo.url', '--kubo'],
  cluster: ['ipfsKit.cluster.url', '--cluster'],
  services: ['ipfsKit.pinningServices', '--service'],
  gateway: ['ipfsKit.content.gateways', '--gateway'],
} as const;

/** Node keeps such a value for all bundles of a thread, and passes it to the threads that are started from it. */
const KEY = 'ipfs-kit.command-line';

/** From now on next steps name options. A command line calls this before anything else. */
export function askOnCommandLine(): void {
  setEnvironmentData(KEY, true);
}

/** What the user sets for this part: the ID of a setting, or an option. */
export function nameOf(part: keyof typeof NAMES): string {
  const [setting, option] = NAMES[part];
  return byAsker(setting, option);
}

/** The words for the editor or the command line, where they differ in more than a name. */
export function byAsker(inEditor: string, onCommandLine: string): string {
  return getEnvironmentData(KEY) === true ? onCommandLine : inEditor;
}

/** How a person repeats the request; a sentence may begin with it: `Refresh when the writer has finished.` */
export function refresh(): string {
  return byAsker('Refresh', 'Run the command again');
}

/** The next step where repeating the request may help. */
export function tryAgain(): string {
  return byAsker('Refresh to try again', 'Run the command again');
}
