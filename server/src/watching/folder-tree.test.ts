import assert from 'node:assert/strict';
import { beforeEach, suite, test } from 'node:test';
import { type FolderNode, FolderTree, isSameFolder } from './folder-tree.ts';

const identity = (ino: number) => ({ dev: 1, ino, birthtimeMs: 5 });

suite('a tree of folders', () => {
	let tree: FolderTree;
	let a: FolderNode;
	let deep: FolderNode;
	beforeEach(() => {
		tree = new FolderTree('/w', 'w');
		a = tree.add(tree.root, 'a');
		deep = tree.add(tree.add(a, 'b'), 'c');
	});

	test('paths and names lead to each other', () => {
		assert.equal(tree.pathOf(deep), '/w/a/b/c');
		assert.equal(tree.pathOf(tree.root), '/w');
		assert.equal(tree.find(['a', 'b', 'c']), deep);
		assert.equal(tree.find([]), tree.root);
		assert.equal(tree.find(['a', 'x', 'c']), undefined);
		assert.equal(tree.size, 4);
	});

	test('a folder that is moved takes everything beneath along', () => {
		tree.identify(a, identity(7));
		const placeholder = tree.add(tree.add(tree.root, 'elsewhere'), 'new');
		tree.takePlace(a, placeholder);
		assert.equal(tree.pathOf(deep), '/w/elsewhere/new/b/c');
		assert.equal(tree.find(['a']), undefined);
		assert.equal(tree.find(['elsewhere', 'new', 'b', 'c']), deep);
		assert.deepEqual(tree.withInode(7), [a]);
		assert.equal(tree.size, 5);
	});

	test('what was detached has no path, and may be put back', () => {
		tree.detach(a);
		assert.equal(tree.pathOf(deep), undefined);
		assert.equal(tree.find(['a']), undefined);
		tree.takePlace(a, tree.add(tree.root, 'back'));
		assert.equal(tree.pathOf(deep), '/w/back/b/c');
	});

	test('detaching the former holder of a name leaves the present one', () => {
		tree.detach(a);
		const other = tree.add(tree.root, 'a');
		tree.detach(a);
		assert.equal(tree.find(['a']), other);
	});

	test('several folders may have one inode', () => {
		tree.identify(a, identity(7));
		tree.identify(deep, identity(7));
		tree.identify(tree.root, identity(7));
		assert.deepEqual(tree.withInode(7), [a, deep, tree.root]);
		tree.identify(deep, identity(8));
		assert.deepEqual([tree.withInode(7), tree.withInode(8)], [[a, tree.root], [deep]]);
		tree.detach(a);
		tree.forget(a);
		assert.deepEqual(tree.withInode(7), [tree.root]);
	});

	test('a number that was given to a new folder is another folder', () => {
		assert.equal(isSameFolder(identity(7), identity(7)), true);
		assert.equal(isSameFolder(identity(7), { ...identity(7), birthtimeMs: 6 }), false);
		assert.equal(isSameFolder(undefined, identity(7)), false);
	});

	test('a subtree, folders before what is in them', () => {
		assert.deepEqual(
			Array.from(tree.subtree(a), (node) => node.name),
			['a', 'b', 'c'],
		);
	});
});
