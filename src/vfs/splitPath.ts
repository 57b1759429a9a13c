/** The names of `CID/path`, `/ipfs/CID/path` or `ipfs://CID/path`, the CID first; empty ones left out. */
export function splitIpfsPath(text: string): string[] {
  return text
    .trim()
    .replace(/^(?:\/?ipfs\/|ipfs:\/\/?(?:ipfs\/)?)/, '')
    .split('/')
    .filter((name) => name !== '');
}

/** Whether a path can lead through this name; editors take others apart. */
export function isPathName(name: string): boolean {
  return name !== '' && name !== '.' && name !== '..' && !name.includes('/') && !name.includes('\u0000');
}
