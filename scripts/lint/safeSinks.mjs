// ESLint: whatever VS Code draws as text is given SafeText (src/safeText.ts), words of ours as they are written in the source, or numbers.
//
// A sink is known by its declaration: a parameter, a property or the result of a function that @types/vscode declares, and that takes any string.
// All of them are sinks but for those named here, which are data; what a later version of the API adds is one by itself.
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
  'command',
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

const isOfEditor = (declaration) => declaration?.getSourceFile().fileName.includes('/@types/vscode/') === true;
const isOfMaker = (declaration) => declaration.getSourceFile().fileName.endsWith('/src/safeText.ts');
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
  const isSafe = (type) => {
    if (type.flags & LITERAL) return true;
    if (type.isUnion()) return type.types.every(isSafe);
    if (
      type.isIntersection() &&
      type.types.some((part) => part.getProperties().some(({ declarations }) => declarations?.some(isOfMaker)))
    )
      return true;
    if (type.flags & ts.TypeFlags.Instantiable) {
      const constraint = checker.getBaseConstraintOfType(type);
      return constraint !== undefined && constraint !== type && isSafe(constraint);
    }
    if (!(type.flags & ts.TypeFlags.Object)) return false; // string, any, unknown
    const inside = insideOf(type);
    return inside === undefined || isSafe(inside);
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
        const [ownAwaited, awaited] = [checker.getAwaitedType(own), checker.getAwaitedType(part)];
        const later = ownAwaited && awaited && ownAwaited !== own && next(ownAwaited, awaited);
        if (later !== undefined && later !== false) return later;
        const result = leakOfResult(own, part, node, next);
        if (result !== undefined) return result;
        for (const property of part.getProperties()) {
          const has = own.getProperty(property.name);
          if (has === undefined || has === property) continue;
          const [from, to] = [typeOf(has, node), typeOf(property, node)];
          if (isOfEditorToo(has)) {
            if (!isOfEditorToo(property) && partsOf(from).some((each) => isSinkUnbound(each, to, node))) return property.name;
            continue;
          }
          if (!isOfEditorToo(property) || isData(property.valueDeclaration, property.name)) continue;
          if (takesText(to) && !isSafe(from)) return property.name;
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
    if (!asked || !isOfEditor(asked.declaration) || isData(asked.declaration, asked.declaration.name?.text)) return undefined;
    for (const own of source.getCallSignatures()) {
      if (isOfEditor(own.declaration)) continue;
      const [from, to] = [own.getReturnType(), asDeclared(asked).getReturnType()];
      if (
        takesText(to) &&
        !(to.flags & (ts.TypeFlags.Any | ts.TypeFlags.Unknown)) &&
        !isSafe(from) &&
        !(from.flags & ts.TypeFlags.Void)
      )
        return 'what it returns';
      const deeper = next(from, to);
      if (deeper !== undefined) return deeper;
    }
    return undefined;
  };

  return { isSafe, takesText, leak, typeOf, elementOf, constraintOf };
}

/** Whether a type says that a text is safe: it, or something in it. */
function saysSafe(checker, type, node, depth = 0) {
  if (depth > 3) return false;
  return partsOf(type).some((part) => {
    if (part.isIntersection() && part.getProperties().some(({ declarations }) => declarations?.some(isOfMaker))) return true;
    if (!(part.flags & ts.TypeFlags.Object) || isOfEditorToo(part.symbol)) return false;
    if (checker.isArrayLikeType(part))
      return checker.getTypeArguments(part).some((each) => saysSafe(checker, each, node, depth + 1));
    return part
      .getProperties()
      .some((property) => saysSafe(checker, checker.getTypeOfSymbolAtLocation(property, node), node, depth + 1));
  });
}

export const safeSinks = {
  meta: {
    type: 'problem',
    schema: [],
    messages: {
      unsafe: 'VS Code draws {{what}}: give it SafeText, made by safe`…`, safeText() or joined() of src/safeText.ts.',
      cast: 'Only src/safeText.ts makes SafeText: call it.',
      channel: 'Only src/log.ts writes to an output channel: pass its Log.',
    },
  },
  create(context) {
    const { program, esTreeNodeToTSNodeMap } = context.sourceCode.parserServices;
    const checker = program.getTypeChecker();
    const { isSafe, takesText, leak, typeOf, elementOf, constraintOf } = typesOf(checker);
    const tsOf = (node) => esTreeNodeToTSNodeMap.get(node);
    /** In `{ title }` the type of the variable, which may be that of one literal. */
    const typeAt = (node) => {
      const own = tsOf(node);
      const symbol = ts.isShorthandPropertyAssignment(own.parent) && checker.getShorthandAssignmentValueSymbol(own.parent);
      return symbol ? checker.getTypeOfSymbolAtLocation(symbol, own) : checker.getTypeAtLocation(own);
    };
    const file = context.filename.replaceAll('\\', '/');
    if (file.endsWith('/src/safeText.ts')) return {};

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

    const checkCall = (node) => {
      const signature = checker.getResolvedSignature(tsOf(node));
      for (const argument of node.arguments) checkShape(argument.type === 'SpreadElement' ? argument.argument : argument);
      const declaration = signature?.declaration;
      if (!isOfEditor(declaration)) return;
      if (declaration.name?.text === 'createOutputChannel' && !file.endsWith('/src/log.ts'))
        return void context.report({ node, messageId: 'channel' });
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

    const checkCast = (node) => {
      const { typeAnnotation, expression } = node;
      if (typeAnnotation.type === 'TSTypeReference' && typeAnnotation.typeName.name === 'const') return;
      const asserted = typeAt(node);
      if (saysSafe(checker, asserted, tsOf(node)) && !isSafe(typeAt(expression))) context.report({ node, messageId: 'cast' });
      const what = leak(typeAt(expression), asserted, tsOf(node));
      if (what !== undefined) refuse(node, `\`${what}\``);
    };

    return {
      CallExpression: checkCall,
      NewExpression: checkCall,
      TSAsExpression: checkCast,
      TSTypeAssertion: checkCast,
      TSTypePredicate: (node) => {
        if (node.typeAnnotation && saysSafe(checker, typeAt(node.typeAnnotation.typeAnnotation), tsOf(node)))
          context.report({ node, messageId: 'cast' });
      },
      AssignmentExpression: ({ left, right }) => {
        checkShape(right);
        if (left.type !== 'MemberExpression') return;
        const symbol = checker.getSymbolAtLocation(tsOf(left.property));
        const isNamed = !left.computed || symbol?.declarations?.some(isOfEditor) === true;
        for (const each of isNamed ? [symbol] : typeAt(left.object).getProperties()) {
          const declaration = each?.declarations?.find(isOfEditor);
          if (declaration) checkText(right, typeOf(each, tsOf(left)), declaration, each.name);
        }
      },
      ObjectExpression: checkShape,
      'ObjectExpression > Property': ({ value }) => checkShape(value),
      'ArrayExpression > *': (node) => checkShape(node.type === 'SpreadElement' ? node.argument : node),
      'VariableDeclarator[id.typeAnnotation][init]': ({ init }) => checkShape(init),
      'ReturnStatement[argument]': ({ argument }) => checkShape(argument),
      'ArrowFunctionExpression[expression=true]': ({ body }) => checkShape(body),
      /** Of a class that is one of the editor's. */
      'PropertyDefinition[value]': (node) => {
        const owner = checker.getTypeAtLocation(tsOf(node).parent);
        for (const base of owner.isClassOrInterface() ? checker.getBaseTypes(owner) : []) {
          const property = base.getProperty(tsOf(node).name.text);
          const declaration = property?.declarations?.find(isOfEditor);
          if (declaration) checkText(node.value, typeOf(property, tsOf(node)), declaration, property.name);
        }
      },
      /** `show.call(…)`, `show.bind(…)`: what is given then is not looked at. */
      'MemberExpression[property.name=/^(call|apply|bind)$/]': ({ object }) => {
        if (
          typeAt(object)
            .getCallSignatures()
            .some(({ declaration }) => isOfEditor(declaration) && !isData(declaration))
        )
          refuse(object, 'what it is called with');
      },
    };
  },
};
