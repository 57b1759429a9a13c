import type { RunTool } from './table/runTool';

/** A Python that may start the daemon: its absolute path, and the name or path for the command. */
export interface Python {
  readonly file: string;
  readonly name: string;
}

const LIMITS = { timeoutMs: 20_000, maxBytes: 4096 } as const;
const MODULE = 'ipfs_kit_py.mcp.ipfs_kit.daemon.ipfs_kit_daemon';

/** Looks for the file of the module. find_spec doesn't import a package that has no parent, and importing ipfs_kit_py takes seconds. */
const LOOK = `import importlib.util, os
spec = importlib.util.find_spec("ipfs_kit_py")
for folder in spec and spec.submodule_search_locations or []:
    if os.path.isfile(os.path.join(folder, *"${MODULE.split('.').slice(1).join(' ')}.py".split())):
        print("found")`;

/** The commands that start the daemon of an installed ipfs_kit_py, one for each Python that has it. Takes at most 20 s, since a Python on a network drive may take long to start, and never rejects. */
export async function findDaemonCommands(pythons: readonly Python[], run: RunTool): Promise<readonly (readonly string[])[]> {
  const looked = await Promise.all(
    pythons.map(async ({ file, name }) => {
      const { stdout } = await run(file, ['-c', LOOK], LIMITS).catch(() => ({ stdout: '' }));
      return stdout.trim().startsWith('found') ? [[name, '-m', MODULE, '--port', '8774']] : [];
    }),
  );
  return looked.flat();
}
