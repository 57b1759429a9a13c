/** The schemes of URIs of pinned content. The extension registers both on activation, without the code that reads CIDs. */

/** `ipfs:/CID/a/b`: the read-only file system. */
export const IPFS_SCHEME = 'ipfs';

/**
 * Read-only documents for content that an editor would act on. No file system has that scheme, and the names end in `.txt`, so that nothing takes
 * `evil.code-workspace` for a workspace or `tasks.json` for tasks.
 */
export const PLAIN_TEXT_SCHEME = 'ipfs-text';
