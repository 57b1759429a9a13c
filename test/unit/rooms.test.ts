import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import ts from 'typescript';

const SRC = path.join(process.cwd(), 'src');

/** The rooms in the order of the table in docs/architecture.md, in which each row begins with the room in backquotes. The files in src itself come first. */
function roomsInOrder(): readonly string[] {
  const page = readFileSync(path.join(process.cwd(), 'docs/architecture.md'), 'utf8');
  return [...page.matchAll(/^\| `src\/(\w*)\/?` \|/gm)].map(([, room = '']) => room);
}

/** The files of src by path, each with the paths that it imports by `import`, `export … from` and `import()`, types included. */
function importsOf(root: string): ReadonlyMap<string, readonly string[]> {
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'));
  const known = new Set(files);
  return new Map(
    files.map((file) => {
      const { importedFiles } = ts.preProcessFile(readFileSync(path.join(root, file), 'utf8'), true, true);
      const imported = importedFiles
        .filter(({ fileName }) => fileName.startsWith('.'))
        .map(({ fileName }) => `${path.posix.join(path.posix.dirname(file), fileName)}.ts`);
      return [file, imported.filter((each) => known.has(each))];
    }),
  );
}

const roomOf = (file: string): string => (file.includes('/') ? file.slice(0, file.indexOf('/')) : '');

/** Imports of a room by a room further down. */
function upward(imports: ReadonlyMap<string, readonly string[]>, rooms: readonly string[]): readonly string[] {
  return [...imports].flatMap(([file, imported]) =>
    imported.filter((each) => rooms.indexOf(roomOf(each)) < rooms.indexOf(roomOf(file))).map((each) => `${file} imports ${each}`),
  );
}

/** A circle of files, each of which imports the next; undefined if there is none. */
function circleIn(imports: ReadonlyMap<string, readonly string[]>): readonly string[] | undefined {
  const done = new Set<string>();
  const walk = (file: string, above: readonly string[]): readonly string[] | undefined => {
    if (above.includes(file)) return [...above.slice(above.indexOf(file)), file];
    if (done.has(file)) return undefined;
    for (const each of imports.get(file) ?? []) {
      const circle = walk(each, [...above, file]);
      if (circle) return circle;
    }
    done.add(file);
    return undefined;
  };
  for (const file of imports.keys()) {
    const circle = walk(file, []);
    if (circle) return circle;
  }
  return undefined;
}

describe('the rooms of src', () => {
  const imports = importsOf(SRC);
  const rooms = roomsInOrder();

  it('are the folders that docs/architecture.md names', () => {
    const folders = readdirSync(SRC, { withFileTypes: true }).flatMap((each) => (each.isDirectory() ? [each.name] : []));
    assert.deepEqual(rooms.toSorted(), ['', ...folders].toSorted());
  });

  it('contain each file that the docs and the comments name', () => {
    const under = (folder: string): readonly string[] =>
      readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((file) => path.join(folder, file));
    const places = ['src', 'test', 'scripts', 'docs'].flatMap(under);
    const ofVsCode = ['workspaceTrust.ts', 'editorResolverService.ts'];
    const there = new Set([...places, ...readdirSync('.'), ...ofVsCode].map((file) => path.basename(file)));
    const texts = [
      ...places.filter((file) => /^src.*\.ts$|^docs.*\.md$/.test(file)),
      'README.md',
      'CONTRIBUTING.md',
      'SECURITY.md',
    ];
    const named = texts.flatMap((file) =>
      [...readFileSync(file, 'utf8').matchAll(/(?<![\w.*<>…])\w[\w.-]*\.(?:ts|mjs)\b/g)].map(([name]) => ({ file, name })),
    );
    assert.ok(named.length > 200);
    assert.deepEqual(
      named.filter(({ name }) => !there.has(name)).map(({ file, name }) => `${file} names ${name}`),
      [],
    );
  });

  it('import only from rooms below them', () => {
    assert.ok(imports.size > 200);
    assert.deepEqual(upward(imports, rooms), []);
  });

  it('have no circle of files', () => {
    assert.equal(circleIn(imports)?.join(' → '), undefined);
  });

  it('are found out where one import is turned round', () => {
    const [file = '', [imported = ''] = []] =
      [...imports].find(([from, to]) => to.some((each) => roomOf(each) !== roomOf(from))) ?? [];
    const turned = new Map([...imports, [imported, [...(imports.get(imported) ?? []), file]]]);
    assert.deepEqual(circleIn(turned)?.includes(file), true);
    const other = imports.get(file)?.find((each) => roomOf(each) !== roomOf(file)) ?? '';
    assert.deepEqual(upward(new Map([[other, [file]]]), rooms), [`${other} imports ${file}`]);
  });

  it('are mirrored by test/unit', () => {
    const tests = readdirSync(path.join(process.cwd(), 'test/unit'), { recursive: true, withFileTypes: true });
    const folders = new Set([...imports.keys()].map((file) => path.posix.dirname(file)));
    const strays = tests
      .filter((each) => each.isDirectory())
      .map((each) =>
        path.relative(path.join(process.cwd(), 'test/unit'), path.join(each.parentPath, each.name)).replaceAll('\\', '/'),
      )
      .filter((folder) => !folders.has(folder) && ![...folders].some((each) => each.startsWith(`${folder}/`)));
    assert.deepEqual(strays, []);
  });
});
