/** The log line for a system that reports no events of a folder: too many watches (ENOSPC, EMFILE), or a file system without them. */
export function pollingNote(folder: string, error: unknown, everyMs: number): string {
  const why = error instanceof Error ? error.message : String(error);
  return `Changes in ${folder} can't be watched (${why}). IPFS Kit checks them every ${everyMs / 1000} s instead.`;
}
