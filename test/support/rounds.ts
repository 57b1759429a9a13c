/** Whether tests that repeat themselves run in full, which takes minutes: set IPFS_KIT_LONG. */
export const isLong = process.env['IPFS_KIT_LONG'] !== undefined;

/** As much of a long test as `npm test` has time for; all of it in a long run. */
export const SHARE = isLong ? 1 : 1 / 4;

/** How many rounds a random test goes. Each `npm test` has other ones; a round of such a test asks dozens of questions, so that few find most faults. */
export function rounds(all: number): number {
  return isLong ? all : Math.ceil(all / 3);
}
