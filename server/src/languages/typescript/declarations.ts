/** The top level of a file, or of a block that declares for others: which parts it has, and what each is made of. */
import { EVERYTHING, Meaning, type Target } from '../../graph/facts.ts';
import { hasEffect, isRequireCall, walkDeclarator } from './expressions.ts';
import { EXPORT_EQUALS, everythingOf, type FileBuilder } from './file-builder.ts';
import { walkClass } from './functions.ts';
import { PartBuilder } from './part-builder.ts';
import { boundNames, DECLARED, declareStatements, declareVars, rootName, Scope } from './scopes.ts';
import { childOf, childrenOf, erased, maybeChild, moduleName, nameOf, stringOf, type SyntaxNode } from './syntax.ts';
import { ambientModule, patternsOf } from './ambient.ts';
import { walkEntityName } from './types.ts';
import { type Context, TYPE, VALUE, type Walker } from './walk.ts';

/** For whom a block declares. */
export interface Place {
	scope: Scope;
	/** `declare global`, or a script: for every file of the program. */
	isGlobal: boolean;
	/** `declare module 'x'`: for those who import x. */
	request?: number;
	/** `declare module '*.svg'`: for those who import what fits. */
	pattern?: string;
	/** Whether everything in it is only declared, and is somewhere else at run time. */
	isAmbient: boolean;
}

/** Declarations whose parts have been made, and what they export. */
export class Declarations {
	readonly #file: FileBuilder;
	readonly #walker: Walker;
	readonly #place: Place;
	/** Name → the part of all declarations of that name. */
	readonly #parts = new Map<string, number>();

	constructor(file: FileBuilder, walker: Walker, place: Place) {
		this.#file = file;
		this.#walker = walker;
		this.#place = place;
	}

	read(statements: readonly SyntaxNode[]): void {
		for (const statement of statements) {
			this.#declare(statement);
		}
		for (const statement of statements) {
			// A `var` in a block is the file's too; evaluating the file gives it its value.
			declareVars(this.#place.scope, statement, { to: 'part', part: 0 });
		}
		for (const statement of statements) {
			this.#walk(statement);
		}
	}

	// --- what there is -----------------------------------------------------------------------------------------------

	#declare(statement: SyntaxNode): void {
		switch (statement.type) {
			case 'ImportDeclaration':
				this.#declareImport(statement);
				break;
			case 'TSImportEqualsDeclaration':
				this.#declareImportEquals(statement);
				break;
			case 'ExportNamedDeclaration':
			case 'ExportDefaultDeclaration': {
				const declaration = maybeChild(statement, 'declaration');
				if (declaration !== undefined) {
					this.#declare(declaration);
				}
				break;
			}
			case 'VariableDeclaration':
				for (const declarator of childrenOf(statement, 'declarations')) {
					this.#declareVariable(declarator);
				}
				break;
			default: {
				const id = maybeChild(statement, 'id');
				const isBlock = statement.type === 'TSModuleDeclaration' && this.#declaresForOthers(statement);
				if (statement.type in DECLARED && id !== undefined && !isBlock) {
					this.#part(rootName(id), statement, DECLARED[statement.type]!);
				}
			}
		}
	}

	#declareImport(statement: SyntaxNode): void {
		const specifier = stringOf(childOf(statement, 'source')) ?? '';
		const isType = statement['importKind'] === 'type';
		const specifiers = childrenOf(statement, 'specifiers');
		const evaluates =
			!isType && (specifiers.length === 0 || specifiers.some((one) => one['importKind'] !== 'type'));
		const request = this.#file.request(specifier, 'module', { evaluates, isRequire: false });
		for (const one of specifiers) {
			const imported = maybeChild(one, 'imported');
			const name =
				one.type === 'ImportDefaultSpecifier'
					? 'default'
					: imported === undefined
						? EVERYTHING
						: moduleName(imported);
			const local = nameOf(childOf(one, 'local'));
			this.#import(local, { to: 'module', request, name });
			if (one.type !== 'ImportSpecifier') {
				// What the default of CommonJS is, and what a namespace of it has, is an option.
				this.#place.scope.declare(local, Meaning.both, this.#file.option('interop'));
			}
			for (const pattern of patternsOf(specifier)) {
				this.#place.scope.declare(local, Meaning.both, { to: 'global', name: ambientModule(pattern) });
			}
		}
	}

	#declareImportEquals(statement: SyntaxNode): void {
		const reference = childOf(statement, 'moduleReference');
		const name = nameOf(childOf(statement, 'id'));
		if (reference.type !== 'TSExternalModuleReference') {
			this.#part(name, statement, Meaning.both);
			return;
		}
		const specifier = stringOf(childOf(reference, 'expression')) ?? '';
		const evaluates = statement['importKind'] !== 'type';
		const request = this.#file.request(specifier, 'module', { evaluates, isRequire: true });
		this.#import(name, everythingOf(request));
	}

	#declareVariable(declarator: SyntaxNode): void {
		const id = childOf(declarator, 'id');
		const required = this.#required(declarator);
		if (required === undefined) {
			for (const name of boundNames(id)) {
				this.#part(nameOf(name), declarator, VALUE);
			}
			return;
		}
		const request = this.#file.request(required, 'module', { evaluates: true, isRequire: true });
		for (const { local, name } of bindingsOf(id)) {
			this.#import(local, { to: 'module', request, name });
		}
	}

	#import(local: string, target: Target): void {
		this.#place.scope.declare(local, Meaning.both, target);
		if (target.to === 'module' && target.name !== EVERYTHING) {
			this.#file.imports.push(target);
		}
	}

	/** What `const a = require('x')` and `const { b } = require('x')` require: these are imports. */
	#required(declarator: SyntaxNode): string | undefined {
		const init = maybeChild(declarator, 'init');
		const isImport =
			init !== undefined &&
			isRequireCall(init, this.#context(this.#file.init)) &&
			bindingsOf(childOf(declarator, 'id')).length > 0;
		return isImport ? stringOf(childrenOf(init, 'arguments')[0]) : undefined;
	}

	/** `declare global` and `declare module 'x'`. */
	#declaresForOthers(statement: SyntaxNode): boolean {
		return statement['global'] === true || childOf(statement, 'id').type === 'Literal';
	}

	/** The part of all declarations of a name, which is declared in the scope. */
	#part(name: string, node: SyntaxNode, meaning: number): number {
		let index = this.#parts.get(name);
		if (index === undefined) {
			({ index } = this.#file.add(name, -1, node.start, node.end));
			this.#parts.set(name, index);
			if (this.#place.isGlobal) {
				this.#file.globals.push({ name, part: index });
			}
		}
		const part = this.#file.parts[index]!;
		part.meaning |= meaning;
		part.extend(node.start, node.end);
		this.#place.scope.declare(name, meaning, { to: 'part', part: index });
		return index;
	}

	// --- what it is made of ------------------------------------------------------------------------------------------

	#walk(statement: SyntaxNode): void {
		switch (statement.type) {
			case 'ImportDeclaration':
			case 'EmptyStatement':
				break;
			case 'TSImportEqualsDeclaration':
				this.#walkImportEquals(statement);
				break;
			case 'ExportNamedDeclaration':
				this.#walkExportNamed(statement);
				break;
			case 'ExportDefaultDeclaration':
				this.#walkExportDefault(statement);
				break;
			case 'ExportAllDeclaration':
				this.#walkExportAll(statement);
				break;
			case 'TSExportAssignment':
				this.#exportExpression(EXPORT_EQUALS, childOf(statement, 'expression'));
				break;
			case 'TSNamespaceExportDeclaration':
				this.#file.globals.push({ name: nameOf(childOf(statement, 'id')), part: 0 });
				break;
			case 'VariableDeclaration':
				this.#walkVariables(statement);
				break;
			case 'TSModuleDeclaration':
				this.#walkModule(statement);
				break;
			default:
				if (statement.type in DECLARED && maybeChild(statement, 'id') !== undefined) {
					this.#walkDeclaration(statement, this.#parts.get(rootName(childOf(statement, 'id')))!);
				} else {
					this.#walkStatement(statement);
				}
		}
	}

	#walkImportEquals(statement: SyntaxNode): void {
		const index = this.#parts.get(nameOf(childOf(statement, 'id')));
		if (index !== undefined) {
			const context = this.#context(this.#file.parts[index]!);
			walkEntityName(this.#walker, childOf(statement, 'moduleReference'), TYPE | VALUE, context);
		}
		if (statement['isExport'] === true) {
			this.#exportName(nameOf(childOf(statement, 'id')), nameOf(childOf(statement, 'id')), false);
		}
	}

	#walkExportNamed(statement: SyntaxNode): void {
		const declaration = maybeChild(statement, 'declaration');
		if (declaration !== undefined) {
			this.#walk(declaration);
			for (const name of declaredNames(declaration)) {
				this.#exportName(name, name, false);
			}
			return;
		}
		const source = stringOf(maybeChild(statement, 'source'));
		const isType = statement['exportKind'] === 'type';
		const specifiers = childrenOf(statement, 'specifiers');
		const request =
			source === undefined
				? undefined
				: this.#file.request(source, 'module', { evaluates: !isType, isRequire: false });
		for (const one of specifiers) {
			const local = moduleName(childOf(one, 'local'));
			const name = moduleName(childOf(one, 'exported'));
			const typeOnly = isType || one['exportKind'] === 'type';
			if (request === undefined) {
				this.#exportName(name, local, typeOnly);
			} else {
				const ambient = patternsOf(source ?? '').map((one): Target => ({
					to: 'global',
					name: ambientModule(one),
				}));
				this.#export(name, [{ to: 'module', request, name: local }, ...ambient], typeOnly);
			}
		}
	}

	#walkExportAll(statement: SyntaxNode): void {
		const specifier = stringOf(childOf(statement, 'source')) ?? '';
		const isType = statement['exportKind'] === 'type';
		const request = this.#file.request(specifier, 'module', { evaluates: !isType, isRequire: false });
		const exported = maybeChild(statement, 'exported');
		if (exported === undefined) {
			this.#file.stars.push(request);
		} else {
			this.#export(moduleName(exported), [everythingOf(request)], isType);
		}
	}

	#walkExportDefault(statement: SyntaxNode): void {
		const declaration = childOf(statement, 'declaration');
		const id = maybeChild(declaration, 'id');
		if (declaration.type in DECLARED && id !== undefined) {
			this.#walk(declaration);
			this.#exportName('default', rootName(id), false);
		} else {
			this.#exportExpression('default', declaration);
		}
	}

	/** An expression that is exported under a name of its own; a mere name is what it stands for. */
	#exportExpression(name: string, expression: SyntaxNode): void {
		if (expression.type === 'Identifier') {
			this.#exportName(name, nameOf(expression), false);
		} else {
			this.#exportValue(name, expression);
		}
	}

	/** What an expression is when it is exported, and not what it names. */
	#exportValue(name: string, expression: SyntaxNode): void {
		const { part, index } = this.#file.add(name, -1, expression.start, expression.end);
		part.meaning = Meaning.both;
		part.evaluated = hasEffect(expression);
		this.#export(name, [{ to: 'part', part: index }], false);
		if (expression.type === 'ClassDeclaration' || expression.type === 'ClassExpression') {
			this.#walkDeclaration(expression, index);
		} else {
			this.#walker.walk(expression, this.#context(part));
		}
	}

	#exportName(name: string, local: string, typeOnly: boolean): void {
		const targets = this.#walker.targetsOf(local, Meaning.both, this.#context(this.#file.init));
		this.#export(name, targets, typeOnly);
	}

	#export(name: string, targets: readonly Target[], typeOnly: boolean): void {
		const { request, pattern } = this.#place;
		if (request !== undefined) {
			this.#augment(request, name, targets);
		} else if (pattern === undefined) {
			this.#file.export(name, targets, typeOnly);
		} else {
			this.#declareFor(pattern, targets);
		}
	}

	/** What is declared for a pattern is not told apart by name: hardly any declares more than its default. */
	#declareFor(pattern: string, targets: readonly Target[]): void {
		for (const target of targets) {
			if (target.to === 'part') {
				this.#file.provide(ambientModule(pattern), this.#file.parts[target.part]!);
			}
		}
	}

	#augment(request: number, name: string, targets: readonly Target[]): void {
		for (const target of targets) {
			if (target.to === 'part') {
				this.#file.augmentations.push({ request, name, part: target.part });
			}
		}
	}

	#walkVariables(statement: SyntaxNode): void {
		const isConst = statement['kind'] === 'const';
		for (const declarator of childrenOf(statement, 'declarations')) {
			const init = maybeChild(declarator, 'init');
			if (this.#required(declarator) !== undefined) {
				continue;
			}
			for (const id of boundNames(childOf(declarator, 'id'))) {
				const part = this.#file.parts[this.#parts.get(nameOf(id))!]!;
				const context = { ...this.#context(part), runs: !this.#isErased(statement) };
				this.#walker.token(context, isConst ? 'const' : 'let');
				part.evaluated ||= hasEffect(init);
				walkDeclarator(this.#walker, declarator, isConst, context);
				if (init !== undefined && mayBeNarrowed(childOf(declarator, 'id'))) {
					part.first ??= new PartBuilder(part.name, -1, part.start, part.end);
					this.#walker.walk(init, { ...context, sink: part.first });
				}
			}
		}
	}

	#walkModule(statement: SyntaxNode): void {
		const body = maybeChild(statement, 'body');
		const statements = body === undefined ? [] : childrenOf(body, 'body');
		if (!this.#declaresForOthers(statement)) {
			const index = this.#parts.get(rootName(childOf(statement, 'id')))!;
			const part = this.#file.parts[index]!;
			const scope = new Scope(this.#place.scope);
			declareStatements(scope, statements);
			part.evaluated ||= statements.some(({ type }) => type === 'ExpressionStatement');
			const context = { ...this.#context(part), runs: !this.#isErased(statement), scope };
			this.#walker.token(context, 'namespace');
			this.#walker.walkAll(statements, context);
			return;
		}
		const scope = new Scope(this.#place.scope);
		const specifier = stringOf(childOf(statement, 'id'));
		const place: Place = {
			scope,
			isGlobal: specifier === undefined,
			isAmbient: true,
			...(specifier === undefined
				? {}
				: specifier.includes('*')
					? { pattern: specifier }
					: { request: this.#file.request(specifier, 'module', { evaluates: false, isRequire: false }) }),
		};
		const inner = new Declarations(this.#file, this.#walker, place);
		inner.read(statements);
		// What is declared in it is exported, whether it says so or not.
		for (const [name, part] of inner.#parts) {
			if (place.request !== undefined) {
				this.#augment(place.request, name, [{ to: 'part', part }]);
			} else if (place.pattern !== undefined) {
				this.#declareFor(place.pattern, [{ to: 'part', part }]);
			}
		}
		if (place.request !== undefined && statements.length === 0) {
			this.#augment(place.request, EVERYTHING, [{ to: 'part', part: 0 }]);
		} else if (place.pattern !== undefined && statements.length === 0) {
			this.#declareFor(place.pattern, [{ to: 'part', part: 0 }]);
		}
	}

	#walkDeclaration(node: SyntaxNode, index: number): void {
		const part = this.#file.parts[index]!;
		const runs = !this.#isErased(node) && (node.type.startsWith('Class') || RUNS.has(node.type));
		const context = { ...this.#context(part), runs };
		if (!node.type.startsWith('Class')) {
			this.#walker.walk(node, context);
			return;
		}
		part.self = index;
		const members = new Map<string, { part: ReturnType<FileBuilder['add']>['part']; index: number }>();
		walkClass(this.#walker, node, context, (name, member) => {
			const known = members.get(name);
			if (known !== undefined) {
				return known;
			}
			const made = this.#file.add(name, index, member.start, member.end);
			made.part.meaning = Meaning.value;
			members.set(name, made);
			return made;
		});
		showPrivateMembers(part, index, members);
	}

	/** What is neither declared nor imported happens when the file is evaluated. */
	#walkStatement(statement: SyntaxNode): void {
		const { init } = this.#file;
		const assigned = this.#commonJsExport(statement);
		if (assigned !== undefined) {
			if (assigned.name === '__esModule') {
				// How others import the default depends on it.
				this.#file.export('default', [{ to: 'part', part: 0 }], false);
			}
			this.#exportValue(assigned.name, assigned.value);
			return;
		}
		this.#walker.walk(statement, { ...this.#context(init), inInterface: false });
		const owner = this.#assignedMemberOf(statement);
		if (owner !== undefined) {
			this.#walker.walk(statement, { ...this.#context(owner), exact: 'no' });
		}
	}

	/** `f.a = …`, as a statement of the file itself, gives a function a member that it has for all who use it. */
	#assignedMemberOf(statement: SyntaxNode): PartBuilder | undefined {
		const expression = statement.type === 'ExpressionStatement' ? childOf(statement, 'expression') : undefined;
		if (expression?.type !== 'AssignmentExpression') {
			return undefined;
		}
		let root = erased(childOf(expression, 'left'));
		if (root.type !== 'MemberExpression') {
			return undefined;
		}
		while (root.type === 'MemberExpression') {
			root = erased(childOf(root, 'object'));
		}
		const index = root.type === 'Identifier' ? this.#parts.get(nameOf(root)) : undefined;
		return index === undefined ? undefined : this.#file.parts[index];
	}

	/** `exports.a = …` and `module.exports = …`, as statements of the file itself. */
	#commonJsExport(statement: SyntaxNode): { name: string; value: SyntaxNode } | undefined {
		const expression = statement.type === 'ExpressionStatement' ? childOf(statement, 'expression') : undefined;
		if (expression?.type !== 'AssignmentExpression' || expression['operator'] !== '=') {
			return undefined;
		}
		const name = exportedName(childOf(expression, 'left'), this.#place.scope);
		const value = erased(childOf(expression, 'right'));
		return name === undefined || value.type === 'AssignmentExpression' ? undefined : { name, value };
	}

	#isErased(declaration: SyntaxNode): boolean {
		return this.#place.isAmbient || declaration['declare'] === true;
	}

	#context(sink: Context['sink']): Context {
		return { sink, scope: this.#place.scope, inInterface: true, runs: true, exact: 'here' };
	}
}

const RUNS = new Set(['FunctionDeclaration', 'TSEnumDeclaration', 'VariableDeclaration']);

/** The export that an assignment to `exports.a`, `module.exports.a` or `module.exports` makes. */
export function exportedName(left: SyntaxNode, scope: Scope): string | undefined {
	if (left.type !== 'MemberExpression') {
		return undefined;
	}
	const object = erased(childOf(left, 'object'));
	const property = childOf(left, 'property');
	const name = left['computed'] === true ? (stringOf(property) ?? EVERYTHING) : nameOf(property);
	if (object.type === 'Identifier') {
		const isFree = scope.find(nameOf(object), VALUE) === undefined;
		return isFree && nameOf(object) === 'exports'
			? name
			: isFree && nameOf(object) === 'module' && name === 'exports'
				? EXPORT_EQUALS
				: undefined;
	}
	return exportedName(object, scope) === EXPORT_EQUALS ? name : undefined;
}

/** The type of a private member is its class's business alone, unless that of another member is read from it. */
function showPrivateMembers(
	owner: PartBuilder,
	index: number,
	members: ReadonlyMap<string, { part: PartBuilder; index: number }>,
): void {
	for (const [name, hidden] of members) {
		if (owner.members.has(name)) {
			continue;
		}
		for (const [other, { part }] of members) {
			if (part !== hidden.part && part.mentions.has(name) && part.isShowing({ to: 'part', part: index })) {
				const shown = owner.members.has(other) ? owner : part;
				shown.use({ to: 'part', part: hidden.index }, Meaning.value, true);
			}
		}
	}
}

/** Whether the type that a variable is declared with may be a union, of which its first value is only one case. */
function mayBeNarrowed(id: SyntaxNode): boolean {
	const annotation = maybeChild(id, 'typeAnnotation');
	return annotation !== undefined && !NO_UNIONS.has(childOf(annotation, 'typeAnnotation').type);
}

const NO_UNIONS = new Set([
	'TSStringKeyword',
	'TSNumberKeyword',
	'TSBigIntKeyword',
	'TSSymbolKeyword',
	'TSObjectKeyword',
	'TSArrayType',
	'TSTupleType',
	'TSFunctionType',
	'TSConstructorType',
	'TSTypeLiteral',
	'TSLiteralType',
	'TSTypeOperator',
]);

/** The names that a declaration declares. */
function declaredNames(declaration: SyntaxNode): string[] {
	if (declaration.type === 'VariableDeclaration') {
		return childrenOf(declaration, 'declarations').flatMap((one) => boundNames(childOf(one, 'id')).map(nameOf));
	}
	const id = maybeChild(declaration, 'id');
	return id === undefined ? [] : [rootName(id)];
}

/** The names that a simple pattern takes out of a module; nothing for one that is not simple. */
function bindingsOf(id: SyntaxNode): { local: string; name: string }[] {
	if (id.type === 'Identifier') {
		return [{ local: nameOf(id), name: EVERYTHING }];
	}
	if (id.type !== 'ObjectPattern') {
		return [];
	}
	const bindings = childrenOf(id, 'properties').map((property) => {
		const value = property.type === 'Property' ? childOf(property, 'value') : undefined;
		const key =
			property.type === 'Property' && property['computed'] !== true ? childOf(property, 'key') : undefined;
		return value?.type === 'Identifier' && key?.type === 'Identifier'
			? { local: nameOf(value), name: nameOf(key) }
			: undefined;
	});
	return bindings.every((binding) => binding !== undefined) ? bindings : [];
}
