// Files (MFS) for the stand-in of Kubo: a tree that requests change, whose blocks are written into the repository.
import { importIntoRepository } from './ipfsRepository.mjs';

/** The CID of an empty folder, which the importer doesn't tell. */
const EMPTY = 'bafybeiczsscdsbs7ffqz55asqdf3smv6klcw3gofszvwlyarci47bgf354';

/** `files`: [{ path, content }]; without content, an empty folder. Gives what startKuboStandIn takes as `files`. */
export async function filesTree(repository, files) {
  const entries = new Map(files.map(({ path, content }) => [path, content]));
  /** Contents by CID, also of what has been removed. */
  const known = new Map();
  const tree = { root: undefined, items: [], cids: {}, changes: [] };
  const write = async () => {
    const all = [...entries].map(([path, content]) => (content === undefined ? { path } : { path, content }));
    tree.cids = (await importIntoRepository(repository, all)).cids;
    tree.root = tree.cids[''];
    for (const { path, content } of all) if (content === undefined) tree.cids[path] = EMPTY;
    for (const [path, cid] of Object.entries(tree.cids)) {
      known.set(cid, [...entries].filter(([each]) => each === path || each.startsWith(`${path}/`)).map(([each, content]) => [each.slice(path.length), content])); // prettier-ignore
      tree.items.push({ cid, bytes: 100, isFolder: !entries.get(path) });
    }
  };
  const below = (path) => [...entries.keys()].filter((each) => each === path || each.startsWith(`${path}/`));
  const above = (path) => path.split('/').slice(0, -1).join('/');
  /** Folders stay when their last entry goes. */
  const keep = (path) => path !== '' && below(path).length === 0 && entries.set(path, undefined);
  const put = (path, parts) => parts.forEach(([rest, content]) => entries.set(`${path}${rest}`, content));

  tree.stat = (path) => ({ cid: tree.cids[path], isFolder: !entries.get(path) });
  /** Does what Kubo does where the caller has looked first. Resolves with an error's text, or undefined. */
  tree.change = async (verb, args) => {
    const [from = '', to = ''] = args.map((path) => path.replace(/^\//, ''));
    tree.changes.push([verb, ...args].join(' '));
    const moved = () => below(from).map((path) => [path.slice(from.length), entries.get(path)]);
    const remove = () => {
      below(from).forEach((path) => entries.delete(path));
      keep(above(from));
    };
    if (verb === 'mkdir') entries.set(from, undefined);
    if (verb === 'rm') remove();
    if (verb === 'cp') {
      const parts = known.get(from.replace('ipfs/', ''));
      if (!parts) return 'cp: cannot get node';
      put(to, parts);
    }
    if (verb === 'mv') {
      const parts = moved();
      remove();
      put(to, parts);
    }
    // A folder with entries has no separate entry.
    for (const [path, content] of entries) if (content === undefined && below(path).length > 1) entries.delete(path);
    await write();
    return undefined;
  };
  await write();
  return tree;
}
