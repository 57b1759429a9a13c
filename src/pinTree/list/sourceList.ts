import type { PinSource } from '../../pinSource/pinSource';
import type { PinListModel } from './pinListModel';

/** A place where pins stand, with the list of them. */
export interface SourceList {
  readonly source: PinSource;
  readonly model: PinListModel;
}
