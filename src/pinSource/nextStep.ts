import { sentences } from '../base/causes';
import type { Reason } from '../base/ipfsKitError';
import { IpfsKitError } from '../base/ipfsKitError';
import { byAsker, tryAgain } from '../base/settingOrOption';

/** The next step after a failed list, where the message doesn't have one. */
const NEXT_STEP: Partial<Readonly<Record<Reason, () => string>>> = {
  refused: () => 'Start it, or check its address',
  'http-status': () => `Check the log of that daemon or service. ${tryAgain()}`,
  timeout: tryAgain,
  truncated: tryAgain,
  malformed: () => 'Check the address of the daemon or service, and that it is up to date',
  'no-such-route': () => 'Check the address of the daemon or service, and that it is up to date',
  'needs-token': () => byAsker('Use Set Token', ''),
};

/** The same error with the next step for a person. */
export function withNextStep(error: unknown): unknown {
  const { reason, message } = IpfsKitError.from(error);
  const step = NEXT_STEP[reason]?.();
  return step === undefined ? error : new IpfsKitError(reason, sentences(withoutQuery(message), step), { cause: error });
}

/** Removes the query of URLs: a view is narrow, and a query can't be wrapped. */
export function withoutQuery(message: string): string {
  return message.replace(/(https?:\/\/[^\s?]+)\?\S*/g, '$1');
}
