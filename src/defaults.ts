/** Where ipfs_kit_py's daemon is documented to listen, and where it really does. In order of preference. */
export const DEFAULT_DAEMON_URLS: readonly string[] = ['http://localhost:8774', 'http://localhost:9999'];

export const DEFAULT_DATABASE_PATH = '~/.ipfs_kit';
