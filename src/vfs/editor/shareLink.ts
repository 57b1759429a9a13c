import { SETTING } from '../../base/contributions';
import { IpfsKitError } from '../../base/ipfsKitError';
import { DEFAULT_SHARE_GATEWAY } from '../../base/settingDefaults';
import type { Settings } from '../../base/settingTypes';
import { parseGatewayUrl } from '../../daemonClient/rpcUrl';
import { canonicalCid, cidForms, decodeCid, mayBeFolder } from '../../pin/cid';
import { fileNameOf, hasFileEnding } from '../../pin/fileName';
import type { IpfsType } from '../ipfsFiles';
import type { IpfsPath } from '../ipfsPath';
import { plainName } from '../plainNames';
import { encodedPath, gatewayUrl } from './browserGateway';

/** In the setting: the CID of version 1 in base32, which host names can contain. */
const CID_HERE = '{cid}';
/** The longest part of a host name (https://www.rfc-editor.org/rfc/rfc1035#section-2.3.4). */
const LONGEST_LABEL = 63;

interface Shared {
  readonly at: IpfsPath;
  readonly name: string;
  /** Undefined while it is unknown. */
  readonly type?: IpfsType | undefined;
}

/**
 * The address of content at the gateway of the settings: `GATEWAY/ipfs/CID/path`, or with `{cid}` in the setting `https://CID.ipfs.HOST/path`. A file that is
 * a CID itself has its name in `?filename=`, by which a browser saves and shows it. Throws `invalid-argument`: for the setting as parseGatewayUrl, for names
 * as encodedPath, and for a CID that is too long for a host name.
 */
export function shareLink(settings: Pick<Settings, 'machine'>, { at, name, type }: Shared): string {
  const set = settings.machine(SETTING.shareGateway);
  const gateway = typeof set === 'string' && set.trim() !== '' ? set.trim() : DEFAULT_SHARE_GATEWAY;
  const url = gateway.includes(CID_HERE) ? withCid(gateway, at) : gatewayUrl(parseGatewayUrl(gateway), at);
  const fileName = at.path.length === 0 && isFile(at.cid, name, type) ? fileNameOf({ name }) : undefined;
  return fileName === undefined ? url : `${url}?filename=${encodeURIComponent(plainName(fileName))}`;
}

function withCid(gateway: string, { cid, path }: IpfsPath): string {
  const decoded = decodeCid(cid);
  if (!decoded) throw new IpfsKitError('invalid-argument', 'This content has no valid CID, so no gateway has it.');
  const url = parseGatewayUrl(gateway.replaceAll(CID_HERE, cidForms(decoded).v1));
  if (new URL(url).hostname.split('.').some(({ length }) => length > LONGEST_LABEL))
    throw new IpfsKitError(
      'invalid-argument',
      `The CID is too long for a host name. Set ipfsKit.content.shareGateway to a gateway without ${CID_HERE}.`,
    );
  return `${url}/${encodedPath(path)}`;
}

/** Where the type is unknown, as rows guess: raw blocks, and names with an ending. No name of the CID itself is a file name. */
function isFile(cid: string, name: string, type: IpfsType | undefined): boolean {
  if (name === cid || name === canonicalCid(cid)) return false;
  if (type !== undefined && type !== 'unknown') return type === 'file' || type === 'data';
  return !mayBeFolder(cid) || hasFileEnding(name);
}
