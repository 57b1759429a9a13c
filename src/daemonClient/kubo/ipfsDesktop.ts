import path from 'node:path';
import { readRegularFile } from '../../base/regularFile';
import { objectIn, objectInBytes } from '../../pin/looseJson';

/** The computer on which IPFS Desktop is looked for. */
export interface Computer {
  readonly platform: NodeJS.Platform;
  /** The home directory, absolute. */
  readonly home: string;
  readonly environment: NodeJS.ProcessEnv;
}

/** What IPFS Desktop may have on this computer. */
export interface IpfsDesktop {
  /** The repository that its configuration names, absolute; undefined where it names none, so that the usual one is used. */
  readonly repository: string | undefined;
  /** Where its Kubo may be, absolute, the most likely first. None of these files need exist. */
  readonly programs: readonly string[];
}

const MOST_CONFIG_BYTES = 2 ** 18;

/**
 * IPFS Desktop keeps its repository where Kubo does, unless its `config.json` says otherwise (`ipfsConfig.path`), and brings a Kubo that isn't on PATH: the npm
 * package `kubo`, formerly `go-ipfs`, outside of the archive `app.asar`, or the program that `binaryPath` names (src/daemon/daemon.js, src/common/store.js and
 * README.md of ipfs/ipfs-desktop). Files that can't be read count as missing.
 */
export function findIpfsDesktop(computer: Computer): IpfsDesktop {
  const paths = computer.platform === 'win32' ? path.win32 : path.posix;
  const configs = configFiles(computer).map(jsonIn);
  const absolute = (value: unknown): string | undefined =>
    typeof value === 'string' && paths.isAbsolute(value) ? value : undefined;
  const first = (of: (config: Readonly<Record<string, unknown>>) => unknown): string | undefined =>
    configs.map((config) => config && absolute(of(config))).find((found) => found !== undefined);
  const chosen = first(({ binaryPath }) => binaryPath);
  const ending = computer.platform === 'win32' ? '.exe' : '';
  const bundled = resourceFolders(computer).flatMap((folder) =>
    ['kubo', 'go-ipfs'].map((name) => paths.join(folder, 'app.asar.unpacked', 'node_modules', name, name, `ipfs${ending}`)),
  );
  return {
    repository: first(({ ipfsConfig }) => objectIn(ipfsConfig)?.['path']),
    programs: [...(chosen === undefined ? [] : [chosen]), ...bundled],
  };
}

/** Its `config.json`, in the folder that Electron has for the data of an application; on Linux also that of the snap. */
function configFiles({ platform, home, environment }: Computer): readonly string[] {
  const paths = platform === 'win32' ? path.win32 : path.posix;
  const folders =
    platform === 'win32'
      ? [environment['APPDATA'] ?? paths.join(home, 'AppData', 'Roaming')]
      : platform === 'darwin'
        ? [paths.join(home, 'Library', 'Application Support')]
        : [
            environment['XDG_CONFIG_HOME'] ?? paths.join(home, '.config'),
            paths.join(home, 'snap', 'ipfs-desktop', 'current', '.config'),
          ];
  return folders.map((folder) => paths.join(folder, 'IPFS Desktop', 'config.json'));
}

/** The folders where its installers put it. electron-builder names the folder after the product or after the package. */
function resourceFolders({ platform, home, environment }: Computer): readonly string[] {
  const paths = platform === 'win32' ? path.win32 : path.posix;
  if (platform === 'darwin')
    return ['/', home].map((root) => paths.join(root, 'Applications', 'IPFS Desktop.app', 'Contents', 'Resources'));
  const roots =
    platform === 'win32'
      ? [
          paths.join(environment['LOCALAPPDATA'] ?? paths.join(home, 'AppData', 'Local'), 'Programs'),
          environment['ProgramFiles'] ?? 'C:\\Program Files',
        ]
      : ['/opt'];
  const installed = roots.flatMap((root) => ['IPFS Desktop', 'ipfs-desktop'].map((name) => paths.join(root, name, 'resources')));
  return platform === 'win32' ? installed : [...installed, '/snap/ipfs-desktop/current/resources'];
}

function jsonIn(file: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return objectInBytes(readRegularFile(file, MOST_CONFIG_BYTES));
  } catch {
    return undefined;
  }
}
