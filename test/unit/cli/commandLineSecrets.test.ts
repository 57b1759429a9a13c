import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { runKit } from '../../support/kit';

const CID = 'bafkreibnoe2rcltcs2cs62egrmhg6uckhb2mcjoakpqnzcmkz4ncnn2d2q';

describe('a password in an argument', () => {
  const cases: readonly (readonly [args: readonly string[], expected: RegExp])[] = [
    [['cat', CID, '--gateway', 'http://me:s3cret@127.0.0.1:1'], /"http:\/\/…@127\.0\.0\.1:1\\" can't contain/],
    [['cat', CID, '--kubo', 'http://me:s3cret@127.0.0.1:1'], /Remove them, and give them with --token-file or --token-env/],
    [['ls', CID, '--gateway=http://127.0.0.1:1/?key=s3cret'], /must end before any/],
    [['ls', 'me:s3cret@127.0.0.1/ipfs'], /This is not a CID/],
    [['cat', 's3cret'], /This is not a CID/],
    [['ls', '/ipns/s3cret'], /This is one: run/],
    [['cat', CID, '--offset', 's3cret'], /--offset must be a whole number/],
    [['cat', CID, '--repo', '/none', '--token-file', '/s3cret'], /The file of --token-file doesn't exist/],
    [['pins', '--kubo', '/none', '--token-file', 's3cret'], /The file of --token-file doesn't exist/],
    [['pins', '--kubo', '/none', '--token-file', '/dev/null/s3cret'], /The file of --token-file can't be read/],
    [['pins', '--kubo', '/none', '--token-env', 's3cret'], /The environment variable of --token-env has no token/],
    [['pins', '--kubo', 'me:s3cret@host:5001'], /The path of --kubo looks like a URL/],
    [['pins', '--kubo', 'http:/me:s3cret@host'], /The path of --kubo looks like a URL/],
    [['cat', CID, '--kubo', ' http://me:s3cret@host'], /The path of --kubo looks like a URL/],
    [['cat', CID, '--repo', '//me:s3cret@host/x'], /The path of --repo looks like a URL/],
    [['pins', '--database', 'postgres://me:s3cret@host/x'], /The path of --database looks like a URL/],
    [['pins', '--python', 'me:s3cret@host'], /The path of --python looks like a URL/],
    [['pins', '--limit', 's3cret'], /--limit must be a whole number/],
    [['pins', '--sort', 's3cret'], /The sort key must be one of name,/],
    [['pins', '--group', 's3cret'], /The group key must be one of type,/],
    [['pins', '--source', 's3cret'], /No source has that ID/],
    [['pins', '--filter', 'x', '--s3cret'], /Argument 3 of the verb isn't a known option/],
    [['pins', '-s3cret'], /Argument 1 of the verb/],
    [['pins', '--s3cret=s3cret'], /Argument 1 of the verb/],
    [['pins', '--json=s3cret'], /--json takes no value/],
    [['pins', '--daemon', 's3cret'], /The daemon address .*is not a URL/],
    [['ls', `${CID}?key=s3cret`, '--repo', '/none'], /was not found/],
    [['pins', '--daemon', 'http://me:s3cret@127.0.0.1:1'], /can't contain a user name or password/],
    [['pins', 'http://me:s3cret@127.0.0.1:1'], /pins accepts only options/],
  ];
  for (const [args, expected] of cases)
    it(`is refused and not repeated: ${args.join(' ')}`, async () => {
      const { status, out, err } = await runKit(args);
      assert.equal(status, 1);
      assert.match(out + err, expected);
      assert.doesNotMatch(out + err, /s3cret/);
    });
});
