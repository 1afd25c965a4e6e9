/** TypeScript and JavaScript, with their JSON modules. */
import type { Language } from '../../graph/language.ts';
import { extractJson, extractTypeScript } from './extract.ts';

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

export const typeScript: Language = {
	name: 'TypeScript and JavaScript',
	reads: (path) => SOURCES.test(path) || path.endsWith('.json'),
	extract: (path, text) => (path.endsWith('.json') ? extractJson(text) : extractTypeScript(path, text)),
	// A computed key, such as `[Symbol.iterator]`, has no name that anybody could mention.
	isCalledFromOutside: (member) => CALLED_FROM_OUTSIDE.has(member),
};
