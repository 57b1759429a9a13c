// ESLint: everything that VS Code draws as text must be SafeText (src/base/safeText.ts), literal words in the source, or numbers.
//
// A sink is known by its declaration: a parameter, a property or the result of a function that @types/vscode declares, and that takes any string.
// All of them are sinks except those listed here, which are data; additions of a later version of the API are sinks by default.
//
// It follows types, not values. It doesn't see:
// - what is written into an object of ours by another name with a wider type: `const wide: { label: string } = row; wide.label = text`;
// - a function of the editor's that was kept as `unknown` and is cast to another later, in another expression;
// - a type that is claimed without a cast or predicate: an overload, a `declare`, a generic function of ours or of a package whose result nothing
//   checks (of the editor's, `get<'a' | 'b'>()` is refused), `any` (typescript-eslint refuses that);
// - a text with the type of a number: only safe`…` draws numbers, and it checks the value;
// - an object that is asserted to be of one of our classes;
// - errors that our providers throw, although the editor draws their messages;
// - `commands` given as an interface of ours that has `executeCommand(id: string, …)`;
// - the arguments of our own commands, which take `unknown` and check it themselves;
// - the addresses, names and programs of DATA, and how the editor draws those.
import ts from 'typescript';

/** Namespaces, classes and interfaces whose strings are never drawn. */
const DATA_OWNERS = new Set([
  'commands',
  'Clipboard',
  'ConfigurationChangeEvent',
  'EventEmitter',
  'Memento',
  'RelativePattern',
  'SecretStorage',
  'ThemeColor',
  'ThemeIcon',
  'Uri',
  'WorkspaceConfiguration',
]);
/** Parameters and properties of the others that are names, addresses and programs. */
const DATA = new Set([
  'arguments',
  'authority',
  'contextValue',
  'cwd',
  'env',
  'extensionId',
  'filters',
  'fragment',
  'globPattern',
  'id',
  'path',
  'query',
  'readDirectory',
  'relativePath',
  'resourceUri',
  'scheme',
  'section',
  'shellArgs',
  'shellPath',
  'viewId',
]);

/** Commands of the editor that are run, with the number of arguments after the id that are never drawn. Those of ours draw nothing that they are given. */
const COMMANDS = new Map([
  ['list.select', 0],
  ['revealFileInOS', 1],
  ['revealInExplorer', 1],
  ['setContext', 2],
  ['vscode.openFolder', 2],
  ['vscode.openWith', 3], // the fourth is the label of the editor
  ['workbench.action.openIssueReporter', 1], // a form, with the text in it as it is
  ['workbench.action.openRemoteSettings', 1],
  ['workbench.action.openSettings', 1],
  ['workbench.trust.manage', 0],
]);
const OURS = /^ipfsKit\./;

/**
 * Parts of the editor's API, each with the only file that may use it: elsewhere nothing checks the lines of a channel or of a terminal, what Markdown makes of a
 * text, or catches the errors of a command.
 */
const ONLY_IN = new Map([
  ['MarkdownString', 'src/pinTree/rows/hover.ts'],
  ['createOutputChannel', 'src/logChannel.ts'],
  ['createTerminal', 'src/sourceCommands/kuboTerminal.ts'],
  ['registerCommand', 'src/commands.ts'],
]);
/** These draw more than text, or draw their arguments later. */
const NEVER = new Set([
  'CustomExecution',
  'Pseudoterminal',
  'createWebviewPanel',
  'registerCustomEditorProvider',
  'registerTextEditorCommand',
  'registerWebviewPanelSerializer',
  'registerWebviewViewProvider',
]);
const NAMED = `/^(?:${[...ONLY_IN.keys(), ...NEVER, 'executeCommand'].join('|')})$/`;

/** Whose `value` a person edits. */
const EDITED = new Set(['InputBox', 'InputBoxOptions', 'QuickPick']);

const LITERAL =
  ts.TypeFlags.StringLiteral |
  ts.TypeFlags.NumberLike |
  ts.TypeFlags.BigIntLike |
  ts.TypeFlags.BooleanLike |
  ts.TypeFlags.Undefined |
  ts.TypeFlags.Null |
  ts.TypeFlags.Void |
  ts.TypeFlags.Never;
const DEEPEST = 5;
const DEEPEST_CLAIM = 3;
/** Where a text is written into something other than a name. */
const TARGETS = [
  'ArrayPattern > MemberExpression',
  'ObjectPattern > Property > MemberExpression.value',
  'AssignmentPattern > MemberExpression.left',
  'RestElement > MemberExpression',
  ':matches(ForOfStatement, ForInStatement) > MemberExpression.left',
].join();

const isOfEditor = (declaration) => declaration?.getSourceFile().fileName.includes('/@types/vscode/') === true;
const isOfMaker = (declaration) => declaration.getSourceFile().fileName.endsWith('/src/base/safeText.ts');
const isOfPackage = (declaration) => declaration.getSourceFile().fileName.includes('/node_modules/');
/** `made` of SafeText, `whole` of DocumentText; a SafeText has both. */
const hasBrand = (type, brand) =>
  type.isIntersection() &&
  type.types.some((part) =>
    part.getProperties().some(({ name, declarations }) => name.startsWith(`__@${brand}`) && declarations?.some(isOfMaker)),
  );
const isOfEditorToo = (symbol) => symbol?.declarations?.some(isOfEditor) === true;
const partsOf = (type) => (type.isUnion() ? type.types : [type]);

/** What is declared, and where: the interface, class or namespace around it. */
function isData(declaration, name) {
  const owners = [];
  for (let around = declaration; around; around = around.parent) owners.push(around.name?.text);
  return (
    DATA.has(name) ||
    owners.some((owner) => DATA_OWNERS.has(owner)) ||
    (name === 'value' && owners.some((owner) => EDITED.has(owner)))
  );
}

function typesOf(checker) {
  const isSafe = (type, brand = 'made') => {
    if (type.flags & LITERAL || hasBrand(type, brand)) return true;
    if (type.isUnion()) return type.types.every((part) => isSafe(part, brand));
    if (type.flags & ts.TypeFlags.Instantiable) {
      const constraint = checker.getBaseConstraintOfType(type);
      return constraint !== undefined && constraint !== type && isSafe(constraint, brand);
    }
    if (!(type.flags & ts.TypeFlags.Object)) return false; // string, any, unknown
    const inside = insideOf(type);
    return inside === undefined || isSafe(inside, brand);
  };
  /** What an array has, or a promise comes to. */
  const insideOf = (type) => {
    if (checker.isArrayLikeType(type)) return elementOf(type);
    const awaited = checker.getAwaitedType(type);
    return awaited === type ? undefined : awaited;
  };
  /** It takes any string, a list of them, or a promise of either. */
  const takesText = (type) =>
    partsOf(type).some((part) => {
      if (part.flags & (ts.TypeFlags.String | ts.TypeFlags.Any | ts.TypeFlags.Unknown)) return true;
      if (part.flags & ts.TypeFlags.Instantiable) return false;
      const inside = part.flags & ts.TypeFlags.Object ? insideOf(part) : undefined;
      return inside !== undefined && takesText(inside);
    });
  const typeOf = (symbol, node) => checker.getTypeOfSymbolAtLocation(symbol, node);
  const elementOf = (type) => checker.getIndexTypeOfType(type, ts.IndexKind.Number);
  const argumentsOf = (type) => (type.objectFlags & ts.ObjectFlags.Reference ? checker.getTypeArguments(type) : []);
  const constraintOf = (type) =>
    type.flags & ts.TypeFlags.Instantiable ? (checker.getBaseConstraintOfType(type) ?? type) : type;

  /** Whether a function of the editor's that draws text becomes one that takes any string. */
  const isSinkUnbound = (source, target, node) =>
    source.getCallSignatures().some(({ declaration, parameters }) => {
      if (!isOfEditor(declaration) || isData(declaration)) return false;
      const drawn = parameters.some(
        (parameter) => !isData(parameter.valueDeclaration, parameter.name) && takesText(typeOf(parameter, node)),
      );
      return (
        drawn &&
        target
          .getCallSignatures()
          .some(
            (other) =>
              !isOfEditor(other.declaration) &&
              other.parameters.some((given) => !isSafe(typeOf(given, node)) && takesText(typeOf(given, node))),
          )
      );
    });

  /** The name of what would be drawn unsafely if a value of one type were used as one of the other; undefined where nothing would. */
  const leak = (source, target, node, depth = 0, seen = new Set()) => {
    const key = `${source.id}:${target.id}`;
    if (depth > DEEPEST || source === target || seen.has(key)) return undefined;
    seen.add(key);
    const next = (from, to) => leak(from, to, node, depth + 1, seen);
    for (const part of partsOf(constraintOf(target))) {
      for (const own of partsOf(constraintOf(source))) {
        if (!(own.flags & (ts.TypeFlags.Object | ts.TypeFlags.Intersection))) continue;
        if (isSinkUnbound(own, part, node)) return 'a function that draws text';
        const [ownElement, element] = [elementOf(own), elementOf(part)];
        const found = ownElement && element && next(ownElement, element);
        if (found !== undefined) return found;
        // Promise and Thenable, Generator and Iterable, Map and ReadonlyMap: what they are of stands at the same place.
        const [ownArguments, wanted] = [argumentsOf(own), argumentsOf(part)];
        for (const [at, each] of ownArguments.entries()) {
          const within = wanted[at] && next(each, wanted[at]);
          if (within !== undefined) return within;
        }
        const result = leakOfResult(own, part, node, next);
        if (result !== undefined) return result;
        for (const property of part.getProperties()) {
          const has = own.getProperty(property.name);
          const from = has ? typeOf(has, node) : checker.getIndexTypeOfType(own, ts.IndexKind.String);
          if (from === undefined || has === property) continue;
          const to = typeOf(property, node);
          if (isOfEditorToo(property)) {
            if (isOfEditorToo(has) || isData(property.valueDeclaration, property.name)) continue;
            if (takesText(to) && !isSafe(from)) return property.name;
          } else if (property.declarations?.some(isOfPackage)) continue;
          const deeper = next(from, to);
          if (deeper !== undefined) return deeper;
        }
      }
    }
    return undefined;
  };
  const asDeclared = (signature) => checker.getSignatureFromDeclaration(signature.declaration) ?? signature;
  /** Of functions: what they give is drawn, as the texts of documents and of validation are. */
  const leakOfResult = (source, target, node, next) => {
    const [asked] = target.getCallSignatures();
    if (!asked?.declaration || isData(asked.declaration, asked.declaration.name?.text)) return undefined;
    const isAsked = isOfEditor(asked.declaration);
    const brand = asked.declaration.name?.text === 'provideTextDocumentContent' ? 'whole' : 'made';
    for (const own of source.getCallSignatures()) {
      if (isOfEditor(own.declaration)) continue;
      const [from, to] = [own.getReturnType(), (isAsked ? asDeclared(asked) : asked).getReturnType()];
      if (
        isAsked &&
        takesText(to) &&
        !(to.flags & (ts.TypeFlags.Any | ts.TypeFlags.Unknown)) &&
        !isSafe(from, brand) &&
        !(from.flags & ts.TypeFlags.Void)
      )
        return 'what it returns';
      const deeper = next(from, to);
      if (deeper !== undefined) return deeper;
    }
    return undefined;
  };

  /** The editor draws what the property has. */
  const isDrawn = (property, node) =>
    isOfEditorToo(property) &&
    !isData(property.declarations.find(isOfEditor), property.name) &&
    takesText(typeOf(property, node));

  /** Whether a value of one type is only said to be of the other, and that would make a text in it safe: one of certain words, or SafeText. */
  const claims = (source, target, node, depth = 0) =>
    depth <= DEEPEST_CLAIM &&
    source !== target &&
    partsOf(target).some((part) => {
      if (part.flags & ts.TypeFlags.StringLiteral || hasBrand(part, '')) return !isSafe(source);
      if (part.flags & ts.TypeFlags.Never) return takesText(source);
      if (part.isIntersection()) return part.types.some((each) => claims(source, each, node, depth));
      if (!(part.flags & ts.TypeFlags.Object) || (part.isClass() && !isOfEditorToo(part.symbol))) return false;
      const owners = partsOf(source);
      /** Of what each type that the value may have has there; where none has it, nothing is known of it. */
      const isClaimed = (to, of) => {
        const given = owners.flatMap((own) => of(own) ?? []);
        return (given.length > 0 ? given : [checker.getUnknownType()]).some((each) => claims(each, to, node, depth + 1));
      };
      const namedOf = (own) => checker.getIndexTypeOfType(own, ts.IndexKind.String);
      const elements = (own) => (checker.isArrayLikeType(own) ? elementOf(own) : undefined);
      const givenBy = (own) => own.getCallSignatures().map((each) => each.getReturnType());
      return (
        argumentsOf(part).some((each, at) => isClaimed(each, elements(part) ? elements : (own) => argumentsOf(own)[at])) ||
        (namedOf(part) && isClaimed(namedOf(part), namedOf)) ||
        givenBy(part).some((each) => isClaimed(each, givenBy)) ||
        part.getProperties().some((property) => {
          const has = (own) => own.getProperty(property.name);
          if (isOfEditorToo(property)) return !owners.some((own) => has(own) ?? namedOf(own)) && isDrawn(property, node);
          if (property.declarations?.some(isOfPackage)) return false;
          return isClaimed(typeOf(property, node), (own) => (has(own) ? typeOf(has(own), node) : namedOf(own)));
        })
      );
    });

  return { isSafe, takesText, leak, claims, isDrawn, typeOf, elementOf, constraintOf };
}

export const safeSinks = {
  meta: {
    type: 'problem',
    schema: [],
    messages: {
      unsafe: 'VS Code draws {{what}}: pass SafeText, made by safe`…`, safeText() or joined() of src/base/safeText.ts.',
      claim:
        'A type assertion makes a text neither SafeText nor one of certain words: call src/base/safeText.ts, or compare it with each.',
      only: '{{name}} is used {{where}}.',
    },
  },
  create(context) {
    const { program, esTreeNodeToTSNodeMap } = context.sourceCode.parserServices;
    const checker = program.getTypeChecker();
    const { isSafe, takesText, leak, claims, isDrawn, typeOf, elementOf, constraintOf } = typesOf(checker);
    const tsOf = (node) => esTreeNodeToTSNodeMap.get(node);
    /** In `{ title }` the type of the variable, which may be that of one literal. */
    const typeAt = (node) => {
      const own = tsOf(node);
      const symbol = ts.isShorthandPropertyAssignment(own.parent) && checker.getShorthandAssignmentValueSymbol(own.parent);
      return symbol ? checker.getTypeOfSymbolAtLocation(symbol, own) : checker.getTypeAtLocation(own);
    };
    const file = context.filename.replaceAll('\\', '/');
    if (file.endsWith('/src/base/safeText.ts')) return {};

    const refused = new Set();
    const refuse = (node, what) => {
      if (refused.has(node)) return;
      refused.add(node);
      context.report({ node, messageId: 'unsafe', data: { what } });
    };
    /** A value that is used as one of a type: what is written out here is looked at as it is written, since `'ours'` in it is no text of any other. */
    const checkAgainst = (node, target) => {
      if (node.type === 'ConditionalExpression') for (const each of [node.consequent, node.alternate]) checkAgainst(each, target);
      else if (node.type === 'ArrayExpression') checkElements(node, target);
      else if (node.type === 'ObjectExpression') checkProperties(node, target);
      else {
        const what = leak(typeAt(node), target, tsOf(node));
        if (what !== undefined) refuse(node, `\`${what}\``);
      }
    };
    const checkElements = ({ elements }, target) => {
      for (const part of partsOf(constraintOf(target))) {
        const element = elementOf(part);
        for (const each of elements) {
          if (each?.type === 'SpreadElement') checkAgainst(each.argument, part);
          else if (each && element) checkAgainst(each, element);
        }
      }
    };
    const checkProperties = ({ properties }, target) => {
      for (const part of partsOf(constraintOf(target))) {
        for (const given of properties) {
          if (given.type === 'SpreadElement') {
            checkAgainst(given.argument, part);
            continue;
          }
          const symbol = checker.getSymbolAtLocation(tsOf(given.key)) ?? tsOf(given).symbol;
          const property = symbol && part.getProperty(symbol.name);
          const declaration = property?.declarations?.find(isOfEditor);
          if (declaration) checkText(given.value, typeOf(property, tsOf(given)), declaration, property.name);
        }
      }
    };
    /** As the API declares it: what a type argument stands for, such as the items of a pick, is known by what it must be. */
    const checkDeclared = (node, declaration, name) => {
      if (isOfEditor(declaration) && !isData(declaration, name)) checkAgainst(node, checker.getTypeAtLocation(declaration));
    };
    /** A value for a parameter or property of the editor's API. */
    const checkText = (node, declared, declaration, name) => {
      if (!isOfEditor(declaration) || isData(declaration, name)) return;
      if (takesText(declared) && !isSafe(typeAt(node))) refuse(node, `\`${name}\``);
      checkDeclared(node, declaration, name);
    };
    /** A value of ours that is used as something of the editor's API, or a function of that as one of ours. */
    const checkShape = (node) => {
      const wanted = checker.getContextualType(tsOf(node));
      if (wanted) checkAgainst(node, wanted);
    };

    const checkEach = (node) => {
      const parts =
        node.type === 'ObjectExpression'
          ? node.properties.map((each) => [each.value ?? each.argument, typeAt(each.value ?? each.argument)])
          : typeAt(node)
              .getProperties()
              .map((property) => [node, typeOf(property, tsOf(node))]);
      for (const [at, type] of parts) if (!isSafe(type)) refuse(at, 'what is reported');
    };

    const draws = (type) => type.getCallSignatures().some(({ declaration }) => isOfEditor(declaration) && !isData(declaration));
    /** Of `Object.assign(…)` and its like: what they write to, or call, is not looked at. */
    const checkReflection = (node, { name, parent }) => {
      if (!/^(?:ObjectConstructor|Reflect)$/.test(parent.name?.text ?? parent.parent?.name?.text)) return;
      if (!/^(?:apply|assign|defineProperty|defineProperties|set|setPrototypeOf)$/.test(name?.text)) return;
      const type = typeAt(node.arguments[0]);
      const isRow = type.getProperties().some((each) => isDrawn(each, tsOf(node)));
      if (draws(type) || isRow || claims(checker.getUnknownType(), type, tsOf(node)))
        refuse(node, `what \`${name.text}\` is given`);
    };
    /** How many arguments each of the commands has that are not drawn; undefined where one is not known. */
    const undrawnOf = (type) => {
      const most = partsOf(type).map((id) => (OURS.test(id.value) ? Infinity : id.value && COMMANDS.get(id.value)));
      return most.includes(undefined) ? undefined : Math.min(...most);
    };
    const checkCommand = ([id, ...given]) => {
      const most = undrawnOf(typeAt(id));
      if (most === undefined) refuse(id, 'what this command is given, as far as is known');
      for (const [at, each] of given.entries())
        if (each.type === 'SpreadElement' || (at >= most && !isSafe(typeAt(each)))) refuse(each, 'this argument');
    };

    const checkCall = (node) => {
      const signature = checker.getResolvedSignature(tsOf(node));
      for (const [at, argument] of node.arguments.entries()) {
        const rest = argument.type === 'SpreadElement' && signature?.parameters.at(Math.min(at, signature.parameters.length - 1));
        if (rest) checkAgainst(argument.argument, typeOf(rest, tsOf(node)));
        else checkShape(argument.type === 'SpreadElement' ? argument.argument : argument);
      }
      const declaration = signature?.declaration;
      if (!declaration) return;
      // What the compiler lets through: a template that is none, and parts whose type is that of a template.
      if (isOfMaker(declaration) && declaration.name?.text === 'safe') refuse(node, 'what no template has');
      if (isOfMaker(declaration) && declaration.name?.text === 'joined' && !isSafe(typeOf(signature.parameters[0], tsOf(node))))
        refuse(node, 'what is joined');
      if (isOfPackage(declaration) && node.arguments.length > 0) checkReflection(node, declaration);
      if (!isOfEditor(declaration)) return;
      if (declaration.name?.text === 'executeCommand') checkCommand(node.arguments);
      // `get<'one' | 'other'>(…)`: nothing looks at what is there.
      if (declaration.typeParameters && isData(declaration) && claims(checker.getUnknownType(), awaitedOf(signature), tsOf(node)))
        context.report({ node, messageId: 'claim' });
      if (isData(declaration)) return;
      const { parameters } = signature;
      for (const [at, argument] of node.arguments.entries()) {
        const parameter = parameters[Math.min(at, parameters.length - 1)];
        if (!parameter) continue;
        const { valueDeclaration, name } = parameter;
        let declared = typeOf(parameter, tsOf(node));
        if (valueDeclaration?.dotDotDotToken) declared = checker.getIndexTypeOfType(declared, ts.IndexKind.Number) ?? declared;
        if (valueDeclaration && argument.type !== 'SpreadElement') checkDeclared(argument, valueDeclaration, name);
        // `report(value: Value)` of Progress: whatever it is, what it has is drawn.
        if (declaration.parent.name?.text === 'Progress') checkEach(argument);
        if (isData(valueDeclaration, name) || !takesText(declared)) continue;
        const given = argument.type === 'SpreadElement' ? argument.argument : argument;
        const type = typeAt(given);
        const parts = argument.type === 'SpreadElement' ? (checker.getIndexTypeOfType(type, ts.IndexKind.Number) ?? type) : type;
        if (!isSafe(parts)) refuse(given, `\`${name}\` of ${declaration.name?.text ?? 'a constructor'}`);
      }
    };

    const awaitedOf = (signature) => checker.getAwaitedType(signature.getReturnType()) ?? signature.getReturnType();
    const isCast = ({ type }) => type === 'TSAsExpression' || type === 'TSTypeAssertion';
    const checkCast = (node) => {
      const { typeAnnotation } = node;
      if (typeAnnotation.type === 'TSTypeReference' && typeAnnotation.typeName.name === 'const') return;
      let { expression } = node;
      while (isCast(expression)) ({ expression } = expression);
      const [source, target] = [typeAt(expression), typeAt(node)];
      if (claims(source, target, tsOf(node))) context.report({ node, messageId: 'claim' });
      const what = leak(source, target, tsOf(node));
      if (what !== undefined) refuse(node, `\`${what}\``);
    };
    /** What a member is of the editor's: one property, or any where the name is only known while it runs. */
    const propertiesOf = (member) => {
      const symbol = checker.getSymbolAtLocation(tsOf(member.property));
      const isNamed = !member.computed || isOfEditorToo(symbol);
      return (isNamed ? [symbol] : typeAt(member.object).getProperties()).filter(isOfEditorToo);
    };

    return {
      CallExpression: checkCall,
      NewExpression: checkCall,
      TSAsExpression: checkCast,
      TSTypeAssertion: checkCast,
      TSTypePredicate: (node) => {
        if (!node.typeAnnotation) return;
        const symbol = checker.getSymbolAtLocation(tsOf(node.parameterName));
        const source = symbol ? typeOf(symbol, tsOf(node)) : checker.getUnknownType();
        if (claims(source, typeAt(node.typeAnnotation.typeAnnotation), tsOf(node))) context.report({ node, messageId: 'claim' });
      },
      AssignmentExpression: ({ left, right }) => {
        checkShape(right);
        if (left.type !== 'MemberExpression') return;
        // `on[key] = to` of any type: what is drawn may be among them.
        if (left.computed && typeAt(left.object).flags & ts.TypeFlags.TypeParameter && !isSafe(typeAt(right)))
          refuse(right, 'what this may be');
        for (const each of propertiesOf(left))
          checkText(right, typeOf(each, tsOf(left)), each.declarations.find(isOfEditor), each.name);
      },
      [TARGETS]: (node) => {
        for (const each of propertiesOf(node)) if (isDrawn(each, tsOf(node))) refuse(node, `\`${each.name}\``);
      },
      ObjectExpression: checkShape,
      'ObjectExpression > Property': ({ value }) => checkShape(value),
      'ArrayExpression > *': (node) => checkShape(node.type === 'SpreadElement' ? node.argument : node),
      'VariableDeclarator[id.typeAnnotation][init]': ({ init }) => checkShape(init),
      'PropertyDefinition[value]': ({ value }) => checkShape(value),
      AssignmentPattern: ({ right }) => checkShape(right),
      'ReturnStatement[argument]': ({ argument }) => checkShape(argument),
      'YieldExpression[argument]': ({ argument }) => checkShape(argument),
      'ArrowFunctionExpression[expression=true]': ({ body }) => checkShape(body),
      /** A class that is one of the editor's: whatever it has in place of what that has. */
      ':matches(ClassDeclaration, ClassExpression)': (node) => {
        const own = checker.getDeclaredTypeOfSymbol(tsOf(node).symbol);
        for (const base of (tsOf(node).heritageClauses ?? []).flatMap(({ types }) => types)) {
          const what = leak(own, checker.getTypeAtLocation(base), tsOf(node));
          if (what !== undefined) refuse(node, `\`${what}\``);
        }
      },
      /** `show.call(…)`, `show.bind(…)`: what is given then is not looked at. */
      'MemberExpression[property.name=/^(call|apply|bind)$/]': ({ object }) => {
        const type = typeAt(object);
        if (draws(type) || type.getCallSignatures().some(({ declaration }) => declaration && isOfMaker(declaration)))
          refuse(object, 'what it is called with');
      },
      [`:matches(Identifier[name=${NAMED}], MemberExpression > Literal.property[value=${NAMED}])`]: (node) => {
        const name = node.name ?? node.value;
        const isIt = [checker.getSymbolAtLocation(tsOf(node)), typeAt(node).symbol].some(isOfEditorToo);
        const isCalled = node.parent.type === 'MemberExpression' && node.parent.parent.callee === node.parent;
        const only = ONLY_IN.get(name);
        if (!isIt || (name === 'executeCommand' && isCalled) || (only && file.endsWith(`/${only}`))) return;
        const where = only
          ? `only in ${only}`
          : NEVER.has(name)
            ? 'nowhere: this rule does not check what it draws'
            : 'only as a call';
        context.report({ node, messageId: 'only', data: { name, where } });
      },
    };
  },
};
