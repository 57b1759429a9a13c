import type { IpfsType } from '../ipfsFiles';
import type { IpfsPath } from '../ipfsPath';

/** What a command on content is about: a pin, or something below it. */
export interface ContentTarget {
  readonly at: IpfsPath;
  /** As people know it: the pin's name, or that of the entry. */
  readonly name: string;
  readonly type?: IpfsType;
  /** Its row in the Pins view. */
  readonly row?: TargetRow;
}

export interface TargetRow {
  /** What has been seen of it when it was opened: a guess is corrected. */
  learn(type: IpfsType): void;
  /** Opens the row of a folder; false where there is none any more. */
  reveal(): Promise<boolean>;
}
