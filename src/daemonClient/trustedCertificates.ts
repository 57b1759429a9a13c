import { X509Certificate } from 'node:crypto';
import { byAsker } from '../base/settingOrOption';
import { IpfsKitError } from '../base/ipfsKitError';
import { readRegularFile } from '../base/regularFile';
import { isThisMachine } from './loopback';

/** A chain has some 6 kB. */
const MOST_BYTES = 2 ** 18;
const PEM = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g;

/** The certificates of a PEM file, one by one; a private key in it is ignored. `namedIn`: see Way. Throws `certificate`. */
export function certificatesIn(file: string, namedIn = 'ipfsKit.tls.certificates'): readonly string[] {
  const refuse = (what: string, cause?: unknown): IpfsKitError =>
    new IpfsKitError('certificate', `${what}. Correct ${namedIn}.`, { cause });
  let text: string;
  try {
    text = readRegularFile(file, MOST_BYTES).toString('latin1');
  } catch (error) {
    const why = IpfsKitError.is(error, 'missing') ? "doesn't exist" : "can't be read, or isn't a PEM file";
    throw refuse(`The certificate file ${file} ${why}`, error);
  }
  const found = text.match(PEM) ?? [];
  if (found.length === 0) throw refuse(`${file} contains no certificate in PEM format`);
  for (const [at, certificate] of found.entries())
    try {
      derOf(certificate);
    } catch (error) {
      throw refuse(`Certificate ${at + 1} of ${found.length} in ${file} can't be read: it is damaged`, error);
    }
  return found;
}

/** The certificate as it is sent (DER). */
export function derOf(pem: string): Buffer {
  return new X509Certificate(pem).raw;
}

/** OpenSSL's codes for what is wrong with a certificate (https://nodejs.org/api/tls.html#x509-certificate-error-codes), and Node's for a wrong name. */
const FAULTS: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: 'is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'is signed by an authority that is not trusted',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'is signed by an authority that is not trusted',
  UNABLE_TO_GET_ISSUER_CERT: 'is signed by an authority that is not trusted',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'is signed by an authority that is not trusted',
  CERT_UNTRUSTED: 'is signed by an authority that is not trusted',
  CERT_HAS_EXPIRED: 'has expired',
  CERT_NOT_YET_VALID: 'is not valid yet',
  ERR_TLS_CERT_ALTNAME_INVALID: 'is for another host name',
  HOSTNAME_MISMATCH: 'is for another host name',
};
const OTHER_FAULTS = /^(?:CERT_|CRL_|UNABLE_TO_|ERROR_IN_C|INVALID_(?:CA|PURPOSE)|PATH_LENGTH_EXCEEDED|ERR_TLS_CERT)/;
const OUT_OF_TIME = /EXPIRED|NOT_YET/;

/** OpenSSL's codes for a first message that isn't TLS. */
const NO_TLS = /WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|UNKNOWN_PROTOCOL|HTTP_REQUEST/;

/** What is wrong with the certificate, where that made httpRequest fail. */
export function certificateFault(error: unknown): string | undefined {
  const code = tlsCode(error);
  const fault = FAULTS[code] ?? (OTHER_FAULTS.test(code) ? "can't be verified" : undefined);
  return fault === undefined ? undefined : `${fault} (${code})`;
}

/**
 * An error of httpRequest at an https: URL; where the certificate is the cause, with what is wrong with it and the next step. `file`: the certificates that are
 * trusted there.
 */
export function asTlsFault(url: string, error: unknown, file?: string): unknown {
  const code = tlsCode(error);
  const { origin, hostname } = new URL(url);
  if (NO_TLS.test(code)) {
    // Beyond this machine, http:// isn't a remedy: any program in between could read everything, and may be the one that responds.
    const next = isThisMachine(hostname) ? 'Try http://.' : 'Correct the address and its port.';
    return new IpfsKitError('foreign', `${origin} responds, but not over TLS. ${next}`, { cause: error });
  }
  const fault = certificateFault(error);
  if (fault === undefined) return error;
  const next = OUT_OF_TIME.test(code)
    ? 'Renew it, or correct the clock of this machine.'
    : file === undefined
      ? byAsker(
          'If you know the certificate, save it as a PEM file and add that to ipfsKit.tls.certificates.',
          'Only the certificate authorities built into Node.js are trusted here: use another address.',
        )
      : `Only the certificates in ${file} are trusted there: if you know the new one, save it there.`;
  return new IpfsKitError('certificate', `The certificate of ${origin} isn't trusted: it ${fault}. ${next}`, { cause: error });
}

function tlsCode(error: unknown): string {
  const cause: unknown = IpfsKitError.is(error, 'foreign') ? error.cause : undefined;
  return cause instanceof Error && 'code' in cause ? String(cause.code) : '';
}
