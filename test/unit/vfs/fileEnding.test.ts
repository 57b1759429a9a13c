import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { endingOf, TELLING_BYTES } from '../../../src/vfs/fileEnding';

const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');

describe('the ending of a name, by the first bytes of the file', () => {
  it('is found for pictures, sound, video and archives', () => {
    assert.equal(endingOf(readFileSync('media/icon.png'), false), '.png');
    const beginnings = {
      '.jpg': '\xff\xd8\xff\xe0\0\x10JFIF\0',
      '.gif': 'GIF89a\x01\0\x01\0',
      '.webp': 'RIFF\x24\0\0\0WEBPVP8 ',
      '.wav': 'RIFF\x24\0\0\0WAVEfmt ',
      '.bmp': 'BM\x46\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0',
      '.ico': '\0\0\x01\0\x01\0\x10\x10\0\0\x01\0',
      '.avif': '\0\0\0\x1cftypavif\0\0\0\0',
      '.mp4': '\0\0\0\x20ftypisom\0\0\x02\0',
      '.webm': '\x1aE\xdf\xa3\x9fB\x86\x81\x01B\xf7\x81\x01B\xf2\x81\x04B\xf3\x81\x08B\x82\x84webm',
      '.ogg': 'OggS\0\x02\0\0',
      '.mp3': 'ID3\x03\0\0\0\0\0\x23',
      '.pdf': '%PDF-1.7\n%\xe2\xe3\xcf\xd3',
      '.zip': 'PK\x03\x04\x14\0',
      '.gz': '\x1f\x8b\x08\0',
    };
    for (const [ending, bytes] of Object.entries(beginnings)) assert.equal(endingOf(latin1(bytes), false), ending);
  });

  it('is found for structured text', () => {
    const of = (text: string, isWhole = true): string | undefined => endingOf(Buffer.from(text), isWhole);
    assert.equal(of('<?xml version="1.0"?>\n<!-- <html> -->\n<!DOCTYPE svg PUBLIC "x">\n<svg xmlns="y"/>'), '.svg');
    assert.equal(of('\ufeff \n<!doctype html>\n<p>'), '.html');
    assert.equal(of('<HTML lang="en">'), '.html');
    assert.equal(of('<?xml version="1.0"?><feed/>'), '.xml');
    assert.equal(of('{"a": [1, 2]}\n'), '.json');
    assert.equal(of('[{"a": 1}, {"b"', false), '.json');
    for (const plain of ['', 'hello', '# Title', '[link](x)', '{ not json }', '<p>', '<!-- open', '<?xml open'.slice(0, 4)])
      assert.equal(of(plain), undefined, plain);
  });

  it('depends only on the beginning, and is unknown without bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2 * TELLING_BYTES }), fc.boolean(), (rest, isWhole) => {
        assert.equal(endingOf(Buffer.concat([latin1('\x89PNG\r\n\x1a\n'), rest]), isWhole), '.png');
        assert.equal(endingOf(Buffer.concat([latin1('\0\x01\x02\x03'), rest.slice(0, 0)]), isWhole), undefined);
      }),
    );
  });
});
