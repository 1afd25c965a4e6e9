/** TypeScript and JavaScript, with their JSON modules: what is known of them without a parser. */
import type { LanguageNames } from '../../graph/language.ts';

const SOURCES = /\.(?:[cm]?[jt]s|[jt]sx)$/;

/** What runtimes and frameworks call by name. */
const CALLED_FROM_OUTSIDE = new Set([
	'constructor',
	'toString',
	'toJSON',
	'valueOf',
	'then',
	'next',
	'render',
	'handleEvent',
	'connectedCallback',
	'disconnectedCallback',
	'adoptedCallback',
	'attributeChangedCallback',
	'ngOnInit',
	'ngOnChanges',
	'ngOnDestroy',
	'ngDoCheck',
	'ngAfterViewInit',
	'ngAfterContentInit',
	'componentDidMount',
	'componentDidUpdate',
	'componentWillUnmount',
	'shouldComponentUpdate',
	'getSnapshotBeforeUpdate',
	'componentDidCatch',
	'getDerivedStateFromProps',
	'getDerivedStateFromError',
	'transform',
	'canActivate',
	'intercept',
	'onModuleInit',
	'onModuleDestroy',
]);

export const typeScriptNames: LanguageNames = {
	name: 'TypeScript and JavaScript',
	reads: (path) => SOURCES.test(path) || path.endsWith('.json'),
	// A computed key, such as `[Symbol.iterator]`, has no name that anybody could mention.
	isCalledFromOutside: (member) => CALLED_FROM_OUTSIDE.has(member),
};
