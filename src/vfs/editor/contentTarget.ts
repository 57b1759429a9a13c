import type { IpfsType } from '../ipfsFiles';
import type { IpfsPath } from '../ipfsPath';

/** The content that a command acts on: a pin, or something below it. */
export interface ContentTarget {
  readonly at: IpfsPath;
  /** The name that people see: that of the pin or of the entry. */
  readonly name: string;
  readonly type?: IpfsType;
  /** Its row in the Pins view. */
  readonly row?: TargetRow;
}

export interface TargetRow {
  /** Corrects a guess of the type by what was seen when the content was opened. */
  learn(type: IpfsType): void;
  /** Expands the row of a folder; false where the row no longer exists. */
  reveal(): Promise<boolean>;
}
