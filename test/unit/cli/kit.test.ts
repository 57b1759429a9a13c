import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { json, kubo, withPeer } from '../../support/daemonStandIn';
import { errorIn, runKit } from '../../support/kit';
import { writeDatabase } from '../../support/python';

const CID = 'bafkreibnoe2rcltcs2cs62egrmhg6uckhb2mcjoakpqnzcmkz4ncnn2d2q';
const folder = mkdtempSync(path.join(tmpdir(), 'kit-'));
after(() => rmSync(folder, { recursive: true, force: true }));

describe('the command line', () => {
  it('explains itself and each verb', async () => {
    const { status, out } = await runKit(['--help']);
    assert.equal(status, 0);
    for (const verb of ['pins', 'ls', 'cat']) {
      assert.match(out, new RegExp(`^  ${verb} `, 'm'));
      const help = await runKit([verb, '--help']);
      assert.equal(help.status, 0);
      assert.match(help.out, new RegExp(`^ipfs-kit ${verb} `));
    }
  });

  it('lists its verbs for a missing or unknown verb, without repeating it', async () => {
    for (const args of [[], ['s3cret'], ['toString'], ['']]) {
      const run = await runKit(args);
      assert.equal(run.status, 1);
      assert.deepEqual([errorIn(run).reason, run.out.includes('s3cret')], ['invalid-argument', false]);
      assert.match(errorIn(run).message, /pins, ls, cat\. See --help\.$/);
    }
  });

  it('runs through the link that npm makes', () => {
    const link = path.join(folder, 'ipfs-kit');
    symlinkSync(path.join(process.cwd(), 'dist/cli/kit.js'), link);
    const { status, stdout } = spawnSync(process.execPath, [link, 'pins', '--database', '/nowhere'], { encoding: 'utf8' });
    assert.deepEqual([status, errorIn({ status, out: stdout, err: '' }).reason], [1, 'missing']);
  });

  it('prints an error on one line, regardless of the format of the result', async () => {
    for (const form of [[], ['--json'], ['--ndjson']]) {
      const run = await runKit(['pins', '--database', '/nowhere', ...form]);
      assert.deepEqual([run.status, run.out.split('\n').length, run.err], [1, 2, '']);
      assert.equal(errorIn(run).reason, 'missing');
    }
  });

  it('refuses what is empty, or given twice', async () => {
    for (const args of [
      ['pins', '--database', ''],
      ['pins', '--daemon', ''],
      ['pins', '--kubo', ''],
      ['pins', '--kubo', '/a', '--kubo', '/b'],
      ['pins', '--service', 'http://127.0.0.1:9'],
      ['pins', '--service', 'a=http://127.0.0.1:9', '--service', 'a=http://127.0.0.1:8'],
      ['pins', '--source', 'nobody'],
      ['pins', '--token-file', '/dev/null'],
      ['pins', '--json', '--ndjson'],
      ['ls', CID, '--repo', '', '--json'],
      ['cat', CID, '--repo', '/a', '--kubo', '/b', '--json'],
    ]) {
      const run = await runKit(args);
      assert.deepEqual([run.status, run.err], [1, ''], args.join(' '));
      assert.equal(errorIn(run).reason, 'invalid-argument', args.join(' '));
    }
  });

  it('reads a token before any request, so that a wrong path fails even if no daemon is running', async () => {
    for (const args of [
      ['ls', CID, '--repo', folder, '--token-file', '/nope', '--json'],
      ['pins', '--kubo', folder, '--token-file', '/nope'],
    ])
      assert.equal(errorIn(await runKit(args)).reason, 'missing', args.join(' '));
    assert.equal(errorIn(await runKit(['pins', '--kubo', folder, '--token-env', 'NONE'])).reason, 'invalid-argument');
  });

  it('sends a token to the source it follows, and to no other', () =>
    withPeer({ 'GET /pins': json({ count: 0, results: [] }) }, async (url, server) => {
      writeFileSync(path.join(folder, 'token'), 'first-token\nmore\n');
      const services = [
        ...['--service', `a=${url}`, '--token-file', path.join(folder, 'token')],
        ...['--service', `b=${url}`, '--token-env', 'SECOND', '--service', `c=${url}`],
      ];
      const { status } = await runKit(['pins', ...services, '--json'], { SECOND: 'second-token' });
      assert.equal(status, 0);
      const sent = new Set(server.requests.map(({ headers }) => headers['authorization']));
      assert.deepEqual(sent, new Set(['Bearer first-token', 'Bearer second-token', undefined]));
    }));

  it("reports what an ipfs_kit_py daemon responds with, and what isn't Kubo", async () => {
    const failing = { status: '500 Internal Server Error', body: '{}' };
    await withPeer({ 'GET /health': failing, 'GET /api/v1/status': failing, 'GET /status': failing }, async (url) => {
      const { reason, message } = errorIn(await runKit(['pins', '--daemon', url]));
      assert.equal(reason, 'http-status');
      assert.match(message, /responded with HTTP 500/);
    });
    await withPeer({}, async (url) => {
      for (const args of [['pins'], ['cat', CID, '--json']]) {
        const { reason, message } = errorIn(await runKit([...args, '--kubo', url]));
        assert.equal(reason, 'foreign');
        assert.match(message, /(?:is not|isn't).* Kubo.*--kubo/);
        assert.doesNotMatch(message, /doesn't exist|ipfsKit\./);
      }
    });
    await withPeer({ 'POST /api/v0/id': kubo('id'), 'POST /api/v0/pin/ls': { status: '403 Forbidden' } }, async (url) => {
      const { reason, message } = errorIn(await runKit(['pins', '--kubo', url]));
      assert.equal(reason, 'needs-token');
      assert.match(message, /--token-file or --token-env/);
      assert.doesNotMatch(message, /Set Token/);
    });
  });

  it('ends silently, with status 0, when its reader has had enough', async () => {
    const database = path.join(folder, 'many.db');
    writeDatabase(database, 20_000);
    const child = spawn(process.execPath, ['dist/cli/kit.js', 'pins', '--database', database, '--limit', 'all', '--ndjson']);
    let err = '';
    child.stderr.on('data', (text) => (err += String(text)));
    child.stdout.once('data', () => child.stdout.destroy());
    const status = await new Promise((resolve) => child.on('close', resolve));
    assert.deepEqual([status, err], [0, '']);
  });

  it('is ended by Ctrl+C with status 130, and prints nothing', async () => {
    const silent = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as { port: number };
    const child = spawn(process.execPath, ['dist/cli/kit.js', 'pins', '--daemon', `http://127.0.0.1:${port}`]);
    let out = '';
    child.stdout.on('data', (text) => (out += String(text)));
    silent.once('connection', () => child.kill('SIGINT'));
    const status = await new Promise((resolve) => child.on('close', resolve));
    assert.deepEqual([status, out], [130, '']);
    silent.close();
  });
});
