/**
 * The names of `CID/path`, `/ipfs/CID/path` or `ipfs://CID/path`, the CID first; empty ones left out. Blanks around the CID are nothing; around a name
 * they belong to the name.
 */
export function splitIpfsPath(text: string): string[] {
  const [cid, ...names] = text
    .trimStart()
    .replace(/^(?:\/?ipfs\/|ipfs:\/\/?(?:ipfs\/)?)/, '')
    .split('/')
    .filter((name) => name !== '');
  return cid === undefined ? [] : [cid.trimEnd(), ...names];
}

/** Whether a path can lead through this name; editors take others apart. */
export function isPathName(name: string): boolean {
  return name !== '' && name !== '.' && name !== '..' && !name.includes('/') && !name.includes('\u0000');
}
