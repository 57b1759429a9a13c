import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chownSync, mkdtempSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { CID } from 'multiformats/cid';
import { keptTokens } from '../../../src/daemonClient/tokenCache';
import { IpfsKitError } from '../../../src/base/ipfsKitError';
import type { SourcePlaces } from '../../../src/vfs/blockSources';
import { blockSources } from '../../../src/vfs/blockSources';
import { withTokens } from '../../../src/vfs/editor/contentPlaces';
import { createVerifiedBlocks } from '../../../src/vfs/verifiedBlocks';
import { testFolder } from '../../support/folder';
import { json, withPeer } from '../../support/daemonStandIn';
import type { ReplayedRequest, ReplayServer } from '../../support/replayServer';
import { needs } from '../../support/needs';

const folder = testFolder('token-content');
const TOKEN = 'Bearer s3cret';
/** The SHA-256 of nothing but `x`, as a raw block. */
const CID_OF_X = 'bafkreibnoelefnzgwbcacyt4vh52ymxvzbjq7mmqhtcnwarfq4lzegsiqe';
const BLOCK = CID.parse(CID_OF_X);
const signal = new AbortController().signal;

const guarded = {
  'POST /api/v0/block/get': ({ headers }: ReplayedRequest) =>
    headers['authorization'] === TOKEN
      ? { status: '200 OK', body: 'x' }
      : { status: '403 Forbidden', body: 'Kubo RPC Access Denied: Please provide a valid authorization token' },
};

/** A repository whose datastore only its daemon reads. */
function repositoryOf(url: string): string {
  const made = mkdtempSync(path.join(folder, 'repo-'));
  writeFileSync(path.join(made, 'config'), '{}');
  writeFileSync(path.join(made, 'datastore_spec'), JSON.stringify({ type: 'badgerds', path: 'badgerds' }));
  writeFileSync(path.join(made, 'api'), `/ip4/127.0.0.1/tcp/${new URL(url).port}`);
  return made;
}

const got = (places: Omit<SourcePlaces, 'gateways'>): Promise<Uint8Array> =>
  createVerifiedBlocks(blockSources({ gateways: [], ...places })).get(BLOCK, signal);
const tokensOf = ({ requests }: ReplayServer): (string | undefined)[] => requests.map(({ headers }) => headers['authorization']);
const needsToken =
  (text: RegExp) =>
  (error: unknown): boolean =>
    IpfsKitError.is(error, 'needs-token') && text.test(error.message) && !error.message.includes('s3cret');

describe('a block of a Kubo that requires a token', () => {
  it('is read with the token that is saved for its address, which is sent once it is required', () =>
    withPeer(guarded, async (url, server) => {
      const repository = repositoryOf(url);
      const sources = blockSources({ repository, gateways: [], authorizations: { [url]: { authorization: TOKEN } } });
      for (let turn = 0; turn < 2; turn++)
        assert.equal(Buffer.from((await sources[1]?.get(BLOCK, signal)) ?? []).toString(), 'x');
      assert.deepEqual(tokensOf(server), [undefined, TOKEN, TOKEN]);
    }));

  it('is also read at the configured address', () =>
    withPeer(guarded, async (url, server) => {
      await got({ kuboUrl: url, authorizations: { [url]: { authorization: TOKEN } } });
      assert.deepEqual(tokensOf(server), [TOKEN]);
    }));

  it('is read at that address with /api/v0 appended, with the token for the address itself', () =>
    withPeer(guarded, async (url, server) => {
      const places = await withTokens({ kuboUrl: `${url}/api/v0`, gateways: [] }, keptTokens((place) => Promise.resolve(place === url ? TOKEN : undefined))); // prettier-ignore
      await got(places);
      assert.deepEqual(server.requests.map(({ path: asked }) => asked.replace(/\?.*/, '')), ['/api/v0/block/get']); // prettier-ignore
    }));

  it('is missing only if Kubo says so: other errors are reported', async () => {
    for (const [said, isAbsent] of [
      [`block was not found locally (offline): ipld: could not find ${CID_OF_X}`, true],
      [`ipld: could not find ${CID_OF_X}`, true],
      ['blockservice: key not found', true],
      ['leveldb/table: corruption on data-block: could not find it', false],
      ['open /data/blocks/X: permission denied', false],
      ['', false],
    ] as const)
      await withPeer({ 'POST /api/v0/block/get': json({ Message: said, Code: 0 }, '500 Internal Server Error') }, async (url) => {
        const asking = blockSources({ kuboUrl: url, gateways: [] })[0]?.get(BLOCK, signal);
        if (isAbsent) assert.equal(await asking, undefined, said);
        else await assert.rejects(asking ?? Promise.resolve(), (error) => IpfsKitError.is(error, 'http-status') && error.message.includes(said)); // prettier-ignore
      });
  });

  it("isn't read with the token of another address or without one, and the message says why", () =>
    withPeer(guarded, async (url, server) => {
      const repository = repositoryOf(url);
      const elsewhere = { 'http://127.0.0.1:1': { authorization: TOKEN } };
      await assert.rejects(got({ repository, authorizations: elsewhere }), needsToken(/requires a token/));
      await assert.rejects(got({ kuboUrl: url, authorizations: elsewhere }), needsToken(/requires a token/));
      const problem = "the secret storage of VS Code couldn't be read: no keyring";
      await assert.rejects(
        got({ repository, authorizations: { [url]: { problem } } }),
        needsToken(/couldn't be read: no keyring/),
      );
      assert.deepEqual(new Set(tokensOf(server)), new Set([undefined]));
    }));

  it('is not had where the program that answers runs as another user: the token stays here', needs('/proc'), () =>
    withPeer(guarded, async (url, server) => {
      const repository = repositoryOf(url);
      if (process.getuid?.() === 0) chownSync(path.join(repository, 'config'), 1234, 1234);
      else return; // nobody else can give a file away
      const asking = got({ repository, authorizations: { [url]: { authorization: TOKEN } } });
      await assert.rejects(
        asking,
        (error) => IpfsKitError.is(error, 'foreign') && error.message.includes('The token was not sent'),
      );
      assert.deepEqual(tokensOf(server), [undefined]);
    }),
  );

  it('is not asked for in the clear beyond this machine', async () => {
    const kuboUrl = 'http://192.0.2.7:5001';
    await assert.rejects(got({ kuboUrl, authorizations: { [kuboUrl]: { authorization: TOKEN } } }), (error) =>
      IpfsKitError.is(error, 'invalid-argument'),
    );
  });

  it('is read on the command line with a token from a file or a variable, right after its source', () =>
    withPeer(guarded, async (url) => {
      const repository = repositoryOf(url);
      const file = path.join(repository, 'token');
      writeFileSync(file, 's3cret\n');
      const none = path.join(folder, 'none');
      const right: readonly string[][] = [
        ['--repo', repository, '--token-file', file],
        ['--repo', none, '--kubo', url, '--token-env', 'TEST_TOKEN'],
      ];
      const wrong: readonly string[][] = [
        ['--repo', repository],
        ['--token-file', file, '--repo', repository],
        ['--repo', repository, '--gateway', 'http://127.0.0.1:1', '--token-file', file],
        ['--repo', repository, '--token-env', 'TEST_NONE'],
        ['--kubo', 'http://127.0.0.1:1', '--token-env', 'TEST_TOKEN', '--kubo', url],
        ['--kubo', url, '--kubo', 'http://127.0.0.1:1', '--token-env', 'TEST_TOKEN'],
        ['--repo', none, '--token-env', 'TEST_TOKEN', '--repo', repository],
        ['--kubo', url, '--token-env', 'TEST_TOKEN', '--token-file', file],
      ];
      const [rights, wrongs] = await Promise.all([Promise.all(right.map(cat)), Promise.all(wrong.map(cat))]);
      for (const { out, told } of rights) assert.deepEqual([out, told], ['x', '']);
      assert.deepEqual(
        wrongs.map(({ told }) => (JSON.parse(told) as { error: { reason: string } }).error.reason),
        ['needs-token', ...wrong.slice(1).map(() => 'invalid-argument')],
      );
      for (const { told } of wrongs) assert.ok(!told.includes('s3cret'), told);
      assert.match(wrongs[0]?.told ?? '', /Give it with --token-file or --token-env/);
    }));
});

function cat(args: readonly string[]): Promise<{ readonly out: string; readonly told: string }> {
  const program = path.join(process.cwd(), 'dist/cli/kit.js');
  const child = spawn(process.execPath, [program, 'cat', CID_OF_X, ...args], { env: { ...process.env, TEST_TOKEN: 's3cret' } });
  let [out, told] = ['', ''];
  child.stdout.on('data', (data: Buffer) => (out += data.toString()));
  child.stderr.on('data', (data: Buffer) => (told += data.toString()));
  return new Promise((resolve) => child.on('close', () => resolve({ out, told })));
}
