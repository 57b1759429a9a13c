import type { IpfsType } from '../ipfsFiles';
import type { IpfsPath } from '../ipfsPath';
import type { ContentParent } from './contentRow';

/** What a command on content is about: a pin, or something below it. */
export interface ContentTarget {
  readonly at: IpfsPath;
  /** As people know it: the pin's name, or that of the entry. */
  readonly name: string;
  readonly type?: IpfsType;
  /** Of the Pins view. */
  readonly row?: ContentParent;
}
