/** Where ipfs_kit_py's daemon listens according to its documentation, and where it really does. In order of preference. */
export const DEFAULT_DAEMON_URLS: readonly string[] = ['http://localhost:8774', 'http://localhost:9999'];

export const DEFAULT_DATABASE_PATH = '~/.ipfs_kit';

/** The names that ipfs_kit_py runs as (at 81f11b6c: its script, `mcp/ipfs_kit/daemon/`, and its command line). */
export const DAEMON_PATTERNS = {
  scriptNames: ['ipfs_kit_daemon.py'],
  moduleNames: ['ipfs_kit_daemon', 'multi_process_daemon'],
  commandNames: ['ipfs-kit', 'cli.py'],
} as const;

/** Where its script daemon writes its PID, regardless of TMPDIR. */
export const DEFAULT_PID_FILE = '/tmp/ipfs_kit_daemon.pid';

/** Seconds. The daemon takes 1.2 to 2.1 s to exit when idle, 6.9 s with a health check in progress (measured): a clean exit should be the rule. */
export const DEFAULT_STOP_SECONDS = 8;

/** Seconds. Kubo closes its repository in less than one when it has nothing to write; between two writes it may pause. */
export const DEFAULT_KUBO_IDLE_SECONDS = 10;

/** The Python that reads DuckDB, with its packages duckdb and pyarrow. */
export const DEFAULT_PYTHON = 'python3';

/** Whether the history of the lists is kept. */
export const DEFAULT_HISTORY = true;

/** Where Kubo stores its repository unless IPFS_PATH says otherwise. */
export const DEFAULT_REPOSITORY = '~/.ipfs';

/** Where a Kubo on this machine serves content to browsers: with this name, and with none of its addresses, each CID has its own origin. */
export const DEFAULT_BROWSER_GATEWAY = 'http://localhost:8080';

/** The gateway in share links: that of IPFS Desktop's, with a host name for each CID. */
export const DEFAULT_SHARE_GATEWAY = 'https://dweb.link';

export const DEFAULT_KUBO_COMMAND = ['ipfs', 'daemon'] as const;
export const DEFAULT_CLUSTER_URL = 'http://127.0.0.1:9094';
