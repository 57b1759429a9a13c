import { objectInBytes } from '../../pin/looseJson';
import type { HttpAnswer } from '../http';
import { BUSY_STATUS } from '../serverMessages';
import type { ProbedState } from './daemonState';

/** Keys that ipfs_kit_py writes into its responses to /health, /api/v1/status and /status. */
const KNOWN_KEYS = [
  'status',
  'running',
  'components',
  'system_healthy',
  'health_summary',
  'timestamp',
  'uptime_seconds',
  'api_version',
];

/**
 * What a response to /health or a status route says. The HTTP status decides whether the server is alive; the body only shows whether it is the daemon, and
 * whether it reports that it is starting (ipfs_kit_py itself always does).
 */
export function judge({ status, body }: Pick<HttpAnswer, 'status' | 'body'>): Exclude<ProbedState, 'absent'> {
  if (BUSY_STATUS.has(status)) return 'busy';
  if (status !== 200) return 'foreign';
  const answer = objectInBytes(body);
  if (answer === undefined || !KNOWN_KEYS.some((key) => Object.hasOwn(answer, key))) return 'foreign';
  const word = answer['status'];
  return typeof word === 'string' && word.toLowerCase() === 'starting' ? 'starting' : 'up';
}
