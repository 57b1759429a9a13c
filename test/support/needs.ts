const MACOS_AND_WINDOWS = ['darwin', 'win32'];

/** What tests need that a platform lacks, and where it is missing. */
const MISSING = {
  '/proc': MACOS_AND_WINDOWS,
  'PID namespaces': MACOS_AND_WINDOWS,
  'symbolic links, modes, named pipes and signals of POSIX': ['win32'],
} as const satisfies Record<string, readonly NodeJS.Platform[]>;

export type Need = keyof typeof MISSING;

export const POSIX = 'symbolic links, modes, named pipes and signals of POSIX' satisfies Need;

/**
 * The options of a test or suite that needs something. Where the platform lacks it, the test is named as not run, with this reason (scripts/lib/lanes.mjs
 * takes no other, and none on Linux).
 */
export function needs(need: Need, platform: NodeJS.Platform = process.platform): { readonly skip: string | false } {
  const isMissing = (MISSING[need] as readonly NodeJS.Platform[]).includes(platform);
  return { skip: isMissing && `not run on ${platform}: needs ${need}` };
}
