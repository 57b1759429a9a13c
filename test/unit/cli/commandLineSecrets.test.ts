import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { describe, it } from 'node:test';

const CID = 'bafkreibnoe2rcltcs2cs62egrmhg6uckhb2mcjoakpqnzcmkz4ncnn2d2q';

describe('a password in an argument', () => {
  const cases: readonly (readonly [args: readonly string[], told: RegExp])[] = [
    [['cat', CID, '--gateway', 'http://me:s3cret@127.0.0.1:1'], /"http:\/\/…@127\.0\.0\.1:1\\" can't contain/],
    [['cat', CID, '--kubo', 'http://me:s3cret@127.0.0.1:1'], /Remove them, and give them with --token-file or --token-env/],
    [['ls', CID, '--gateway=http://127.0.0.1:1/?key=s3cret'], /must end before any/],
    [['ls', 'me:s3cret@127.0.0.1/ipfs'], /…@127\.0\.0\.1” is not a CID/],
    [['ls', `${CID}?key=s3cret`, '--repo', '/none'], /was not found/],
    [['pins', '--daemon', 'http://me:s3cret@127.0.0.1:1'], /can't contain a user name or password/],
    [['pins', 'http://me:s3cret@127.0.0.1:1'], /pins accepts only options/],
  ];
  for (const [args, told] of cases)
    it(`is refused and not repeated: ${args.join(' ')}`, () => {
      const script = path.join(process.cwd(), 'dist/cli/kit.js');
      const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], { encoding: 'utf8' });
      assert.equal(status, 1);
      assert.match(stdout + stderr, told);
      assert.doesNotMatch(stdout + stderr, /s3cret/);
    });
});
