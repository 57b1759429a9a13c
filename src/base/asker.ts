import { getEnvironmentData, setEnvironmentData } from 'node:worker_threads';

/** What a next step names: a setting of the editor, or the option of the command line that stands for it. */
const NAMES = {
  daemon: ['ipfsKit.daemon.urls', '--daemon'],
  database: ['ipfsKit.database.path', '--database'],
  python: ['ipfsKit.python.path', '--python'],
  repository: ['ipfsKit.content.repository', '--kubo'],
  kubo: ['ipfsKit.kubo.url', '--kubo'],
  cluster: ['ipfsKit.cluster.url', '--cluster'],
  services: ['ipfsKit.pinningServices', '--service'],
  gateway: ['ipfsKit.content.gateways', '--gateway'],
} as const;

/** Node keeps such a value for all bundles of a thread, and hands it to the threads that are started from it. */
const KEY = 'ipfs-kit.command-line';

/** From now on next steps name options: said by a command line before it does anything else. */
export function askOnCommandLine(): void {
  setEnvironmentData(KEY, true);
}

/** How the one who asks sets a place: the id of a setting, or an option. */
export function nameOf(place: keyof typeof NAMES): string {
  const [setting, option] = NAMES[place];
  return byAsker(setting, option);
}

/** The words for who asks, where they differ in more than a name. */
export function byAsker(inEditor: string, onCommandLine: string): string {
  return getEnvironmentData(KEY) === true ? onCommandLine : inEditor;
}

/** The next step where doing the same once more may help. */
export function tryAgain(): string {
  return byAsker('Refresh to try again', 'Run the command again');
}
