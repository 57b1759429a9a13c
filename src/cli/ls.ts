import type { IpfsEntry, IpfsStat } from '../vfs/ipfsFiles';
import type { MissingPart } from '../vfs/unixfsFolder';
import { parseContentCall, BLOCK_OPTIONS, BLOCK_USAGE } from './content';
import { jsonText } from './jsonText';
import { misused } from './arguments';
import type { Verb } from './verb';

const PATIENCE = { ms: 4000, renewed: true } as const;
const PAGE = 1000;

const USAGE = `ipfs-kit ls CID[/PATH] ${BLOCK_OPTIONS} [--json]

${BLOCK_USAGE}Prints {"entries":[{"name","type","size","cid","target"}]}: the size if it is known, the target of a symbolic link, and a "note" on data that is
printed as bytes. An entry that doesn't load within ${PATIENCE.ms / 1000} s has the type "unknown" and a "problem"; "missing":[{"cid","reason","message"}] lists parts of a
folder that couldn't be loaded.
On failure prints {"error":{"reason","message"}} to standard error, or with --json to standard output; the exit status is 1.
`;

export const verb: Verb = {
  usage: USAGE,
  printsPlain: true,
  run: async (args, { output, signal }) => {
    const { files, find, offset, length } = parseContentCall(args);
    if ((offset ?? length) !== undefined) throw misused('Only cat accepts --offset and --length.');
    const { at, stat, asked } = await find(signal);
    const entries: (IpfsEntry & Pick<IpfsStat, 'whyBytes'>)[] = [];
    const missing: MissingPart[] = [];
    const done = new AbortController();
    signal.addEventListener('abort', () => done.abort());
    if (stat.type !== 'directory') entries.push({ ...stat, name: asked.path.at(-1) ?? stat.name });
    else
      for (let more = true; more;) {
        const without = missing.map(({ cid }) => cid);
        const options = { offset: entries.length, limit: PAGE, without, patience: PATIENCE };
        const page = await files.list(at, options, done.signal);
        entries.push(...page.entries);
        missing.push(...page.missing);
        more = page.more;
      }
    done.abort(); // stops the search for entries that have not loaded
    const plain = entries.map(({ name, type, sizeBytes, cid, target, whyBytes, problem }) => ({
      name,
      type,
      ...(sizeBytes !== undefined && { size: sizeBytes }),
      cid,
      ...(target !== undefined && { target }),
      ...(whyBytes !== undefined && { note: whyBytes }),
      ...(problem && { problem }),
    }));
    await output.write(`${jsonText({ entries: plain, ...(missing.length > 0 && { missing }) })}\n`);
    return 0;
  },
};
