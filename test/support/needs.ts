export const POSIX = 'symbolic links, modes, named pipes and signals of POSIX';
type Need = '/proc' | 'PID namespaces' | typeof POSIX;

/** The platforms that lack what a test needs. */
const LACKING: Readonly<Record<Need, readonly NodeJS.Platform[]>> = {
  '/proc': ['darwin', 'win32'],
  'PID namespaces': ['darwin', 'win32'],
  [POSIX]: ['win32'],
};

/**
 * The options of a test or suite with a requirement. Where the platform lacks it, the report names the test as not run, with this reason;
 * scripts/lib/lanes.mjs accepts no other reason, and none on Linux.
 */
export function needs(need: Need, platform: NodeJS.Platform = process.platform): { readonly skip: string | false } {
  return { skip: LACKING[need].includes(platform) && `not run on ${platform}: needs ${need}` };
}
