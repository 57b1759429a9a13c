import type { PinSource } from '../../pinSource/pinSource';
import type { PinListModel } from './pinListModel';

/** A source with the list of its pins. */
export interface SourceList {
  readonly source: PinSource;
  readonly model: PinListModel;
}
