import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CID } from 'multiformats/cid';
import * as raw from 'multiformats/codecs/raw';
import * as Digest from 'multiformats/hashes/digest';
import { checkHashFunction, isBlockOf } from '../../../src/vfs/multihash';

const BLOCK = Buffer.from('The bytes of a block.\n');

/** The CIDs of Kubo 0.42.0 for this block, for each of its hash functions: `ipfs block put --cid-codec=raw --mhtype=… [--mhlen=…]`. */
const NAMES = {
  'sha1': 'bafkrcfgce5blh5busrmg6zbsc7mui3j4kge7f6a',
  'sha2-256': 'bafkreifjpcbujg7v3imgnxnfvcrboxddrx74e2h6yzlz45k3ed4ncn3hxm',
  'sha2-256, 20 bytes': 'bafkreffjpcbujg7v3imgnxnfvcrboxddrx74e2a',
  'sha2-512': 'bafkrgqeqsncstejgxqpckohqgatn4hmhftomdkx2e3g3u5re4goijlpjg4ewz7ojjjy65utuz7anzqibtpad6chtopz2t4s3fznptmo5y7ry4',
  'sha2-512, 40 bytes': 'bafkrgkeqsncstejgxqpckohqgatn4hmhftomdkx2e3g3u5re4goijlpjg4ewz7ojjjy65uq',
  'dbl-sha2-256': 'bafkvmiau56fxk7jhicdcflvv7i3ax65p4ivj7f5bhrnhusnkliac2mphmq',
  'sha3-224': 'bafkrohhyl6crxta6heiurqymx73umednhpau5xevwoksdpkqyh7q',
  'sha3-256': 'bafkrmicnlkucll4qoppxmcjrab3vdijily7kaqbadn3zxrwg5m6lcccf4a',
  'sha3-384': 'bafkrkmbwsd7ka6miynkq44n55x5dzsrhybnklpnwvyapdgsy3a7beezffxx2go7al7zjklefvfbgas6pphaq',
  'sha3-512': 'bafkriqggs3tqrhoetzkje4q6crpjw25zx434wvmtvdvj43fllv2rgygummgqylpiw7yfgr7s6hbhypfaiox26kxgaiy4mk5idwshmj3wjl3dm',
  'shake-256': 'bafkrsqdi76qslhnkimikte46mx74lxs3pnxmxrq35vfnwcbrrapzi44yknk225i5j7d4uxpuu7xazcenygnyms2m7gnthtwcs4ec262bv6b7g',
  'shake-256, 20 bytes': 'bafkrsfdi76qslhnkimikte46mx74lxs3pnxmxrq',
  'keccak-256': 'bafkrwibivqao53lbgqecuomx5mgmwcydd37ed4klhxpogzqayays5cjfmu',
  'keccak-512': 'bafkr2qbl3smxkksnzivuksvz7in4tjyfsvp43g56qj7xvt4rngy6ywy6apjv7ta5cpurbobzs6gbfc6l7ci6c42xf2zfc3sdlpm3cz6k2kmum',
  'blake3': 'bafkr4ib62l7qaw2u5mfeyvyuh22todbfwth4tefpswnv3alctd24gffwea',
  'blake3, 20 bytes': 'bafkr4fb62l7qaw2u5mfeyvyuh22todbfwth4tea',
  'blake3, 100 bytes': 'bafkr4zb62l7qaw2u5mfeyvyuh22todbfwth4tefpswnv3alctd24gffwea3s5734h4gni2hwjmswrww4yol6ac43qqau4zypkdc6y6fqvb3hskdb5cfahdpccza4cw4aalnju3mv4wljsg3mqhb5r22zeeuysgj6pxnn42q',
  'blake2b-160': 'bafkzjzaccsy3llvg5makcklmhbiknu675f4numdimq',
  'blake2b-200': 'bafkztzacdf7kd2z77u3tpwrtnhghvc3qw6z4sfllwdfeceur7y',
  'blake2b-256': 'bafk2bzaceb3d6h3wqizs5dnlu7x7qheuqueu3eoxpgzob5mqisakj5f4dbwhe',
  'blake2b-256, 20 bytes': 'bafk2bzaccr3d6h3wqizs5dnlu7x7qheuqueu3eoxpe',
  'blake2b-512': 'bafk4bzaciblsxgwzit4iv5m6dgloyeojz4r5duvw5revzhnk7coq3sniwdhy747ohr3jsxlgnoz62a6dz7bxsraor7ooen2tnuudlmn4hckbmmb4',
  'blake2s-256': 'bafk6bzaceazx6zabrwcnkxtxxwguzsr33nqwlxxmugwaiwfyumqjol4uugg5o',
} as const; // prettier-ignore

describe('a block', () => {
  for (const [hash, name] of Object.entries(NAMES))
    it(`named by ${hash} is what Kubo gave that name, and nothing else is`, () => {
      const cid = CID.parse(name);
      checkHashFunction(cid);
      assert.equal(isBlockOf(cid, BLOCK), true);
      assert.equal(isBlockOf(cid, Buffer.from('The bytes of a block.\r')), false);
      assert.equal(isBlockOf(cid, Buffer.alloc(0)), false);
    });

  it('is never compared by a hash function that Kubo refuses, by fewer than 20 bytes of a digest, or by more than there are', () => {
    for (const [code, length] of [
      [0xd5, 16], // MD5
      [0x22, 8], // Murmur3
      [0x18, 32], // SHAKE-128
      [0xb213, 19], // BLAKE2b-152
      [0xb241, 1],
      [0x11, 21],
      [0x12, 19],
      [0x12, 33],
      [0xb220, 33],
      [0x1e, 129],
      [0x1e, 0],
    ] as const) {
      const cid = CID.createV1(raw.code, Digest.create(code, Buffer.alloc(length)));
      assert.throws(() => checkHashFunction(cid), { reason: 'unsupported' }, `0x${code.toString(16)}, ${length} bytes`);
      assert.equal(isBlockOf(cid, BLOCK), false);
    }
  });
});
