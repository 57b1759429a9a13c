import { createRequire } from 'node:module';
import path from 'node:path';
import type initSqlJs from 'sql.js';
import type { SqlJsStatic } from 'sql.js';

/** sql.js for tests that write databases. It is loaded from its package, because one copy of it starts SQLite only once, and that of the reader starts its own. */
export function sqlJs(): Promise<SqlJsStatic> {
  const load = createRequire(path.join(process.cwd(), 'package.json'));
  const config: initSqlJs.SqlJsConfig & { useOldExtensionFunctions: boolean } = { useOldExtensionFunctions: false };
  return (load('sql.js') as typeof initSqlJs)(config);
}
