import { X509Certificate } from 'node:crypto';
import { IpfsKitError } from '../ipfsKitError';
import { readRegularFile } from '../pinStore/regularFile';

/** A chain has some 6 kB. */
const MOST_BYTES = 2 ** 18;
const PEM = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g;

/** The certificates of a PEM file, each by itself; a private key in there is left alone. Throws `certificate`. */
export function certificatesIn(file: string): readonly string[] {
  let text: string;
  try {
    text = readRegularFile(file, MOST_BYTES).toString('latin1');
  } catch (error) {
    const why = IpfsKitError.is(error, 'missing') ? "doesn't exist" : "can't be read, or isn't a PEM file";
    throw new IpfsKitError('certificate', `The certificate file ${file} ${why}. Correct ipfsKit.tls.certificates.`, {
      cause: error,
    });
  }
  try {
    const found = text.match(PEM) ?? [];
    if (found.map(derOf).length > 0) return found;
  } catch {
    // none that can be read
  }
  throw new IpfsKitError('certificate', `${file} contains no certificate in PEM format. Correct ipfsKit.tls.certificates.`);
}

/** A certificate as it is sent. */
export function derOf(pem: string): Buffer {
  return new X509Certificate(pem).raw;
}

/** The failure as it reads where only the certificates of a file are trusted. */
export function expectedIn(file: string, error: unknown): unknown {
  if (!IpfsKitError.is(error, 'certificate')) return error;
  const message = error.message.replace(
    CHOOSE,
    `Only the certificates in ${file} are trusted there: if you know the new one, save it there.`,
  );
  return new IpfsKitError('certificate', message, { cause: error });
}

/** OpenSSL's words for what is wrong with a certificate (https://nodejs.org/api/tls.html#x509-certificate-error-codes), and Node's for a wrong name. */
const FAULTS: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: 'is signed by itself',
  SELF_SIGNED_CERT_IN_CHAIN: 'is signed by an authority that is not trusted',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'is signed by an authority that is not trusted',
  UNABLE_TO_GET_ISSUER_CERT: 'is signed by an authority that is not trusted',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'is signed by an authority that is not trusted',
  CERT_UNTRUSTED: 'is signed by an authority that is not trusted',
  CERT_HAS_EXPIRED: 'has expired',
  CERT_NOT_YET_VALID: 'is not valid yet',
  ERR_TLS_CERT_ALTNAME_INVALID: 'is for another name',
  HOSTNAME_MISMATCH: 'is for another name',
};
const OTHER_FAULTS = /^(?:CERT_|CRL_|UNABLE_TO_|ERROR_IN_C|INVALID_(?:CA|PURPOSE)|PATH_LENGTH_EXCEEDED|ERR_TLS_CERT)/;
const CHOOSE = 'If you know the certificate, save it as a PEM file and name that in ipfsKit.tls.certificates.';
const OUT_OF_TIME = /EXPIRED|NOT_YET/;

/** What is wrong with the certificate of `url`, as a message with the next step; undefined for another error. */
export function certificateFault(url: string, code: string | undefined): IpfsKitError | undefined {
  const fault = code === undefined ? undefined : (FAULTS[code] ?? (OTHER_FAULTS.test(code) ? "can't be verified" : undefined));
  if (code === undefined || fault === undefined) return undefined;
  const next = OUT_OF_TIME.test(code) ? 'Renew it, or correct the clock of this machine.' : CHOOSE;
  return new IpfsKitError('certificate', `The certificate of ${url} isn't trusted: it ${fault} (${code}). ${next}`);
}
