import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, describe, it } from 'node:test';
import { CID } from 'multiformats/cid';
import * as Digest from 'multiformats/hashes/digest';
import { canonicalCid, decodeCid, looksLikeCid } from '../../src/pin/cid';
import { createKuboSource } from '../../src/pinSource/kuboSource';
import { createRealKubo } from './realKubo';
import { addedTo, pinsOf } from './sourcePins';

const { signal } = new AbortController();
const SHA_256 = `1220${'ab'.repeat(32)}`;

describe('a CID for a real Kubo and for IPFS Kit', () => {
  const kubo = createRealKubo();
  const source = createKuboSource({
    repository: kubo.repository,
    url: undefined,
    authorization: () => Promise.resolve(undefined),
    indirect: () => false,
  });
  const identity = (bytes: number): string => CID.createV1(0x55, Digest.create(0, Buffer.alloc(bytes, 65))).toString();
  /** The CID in base32 as Kubo prints it; undefined if Kubo rejects it. */
  const inKubo = (text: string): string | undefined => {
    try {
      const env = { IPFS_PATH: kubo.repository, IPFS_TELEMETRY: 'off' };
      return execFileSync(kubo.binary, ['cid', 'base32', '--', text], { env, encoding: 'utf8', stdio: 'pipe' }).trim();
    } catch {
      return undefined;
    }
  };
  before(() => kubo.start());
  after(() => kubo.remove());

  it('is the same in every base that Kubo has', () => {
    const bases = kubo
      .run('cid', 'bases')
      .trim()
      .split('\n')
      .filter((name) => name !== 'identity');
    assert.equal(bases.length, 20);
    for (const cid of [
      CID.parse(`bafkqaaa`).toString(),
      identity(128),
      canonicalCid(`f0170${SHA_256}`),
      canonicalCid(`f01711e20${'ef'.repeat(32)}`),
    ])
      for (const base of bases) {
        const text = kubo.run('cid', 'format', '-v', '1', '-b', base, cid).trim();
        assert.equal(canonicalCid(text), cid, `${base}: ${text}`);
      }
  });

  it('is one for both, or for neither', () => {
    const texts = [
      ...[
        'bafkqaab',
        'bafkqaa',
        'bafkqaaaa',
        'BaFkQaAa',
        'MAVUAAA',
        'MAVUAAA==',
        'mAVUAAA=',
        'mAVUAAB',
        'f015500',
        'f01551200',
        'f02550000',
      ],
      ...[
        `f${SHA_256}`,
        `f0112${SHA_256}`,
        'f01d5000000',
        'f0180010000',
        'F0155000141',
        'hyb',
        '🚀🪐💕🚀🚀',
        'k01',
        'z11',
        '9',
        'qm',
        'Qm',
      ],
      ...[canonicalCid(`f${SHA_256}`), `z${canonicalCid(`f${SHA_256}`)}`, canonicalCid(`f${SHA_256}`).toLowerCase()],
    ];
    for (const text of texts) {
      const cid = decodeCid(text);
      assert.equal(cid && CID.decode(cid.bytes).toString(), inKubo(text), text);
    }
  });

  it('is pinned, listed and unpinned also as an identity CID of 0 to 128 bytes, and in another base', async () => {
    const flower = addedTo(kubo, 'flower', 1000, '--pin=false');
    const given = [identity(0), identity(1), identity(128), kubo.run('cid', 'format', '-v', '1', '-b', 'base36', flower).trim()];
    for (const cid of given) await source.run('pin', { cid, name: 'x' }, { signal });
    const listed = (await pinsOf(source)).map(({ cid }) => cid);
    assert.ok(
      given.map(canonicalCid).every((cid) => listed.includes(cid) && looksLikeCid(cid)),
      String(listed),
    );
    for (const cid of given) await source.run('unpin', { cid, type: 'recursive' }, { signal });
    assert.deepEqual(
      (await pinsOf(source)).filter(({ cid }) => given.map(canonicalCid).includes(cid)),
      [],
    );
  });
});
