import type { SafeText } from './safeText';
import { safe } from './safeText';
import { withCommas } from './withCommas';

/** A number with its noun: `1,204 pins`, `1 pin`. */
export function counted(count: number, one: string, several = `${one}s`): SafeText {
  return safe`${withCommas(count)} ${count === 1 ? one : several}`;
}
