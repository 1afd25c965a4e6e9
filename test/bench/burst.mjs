// Writes many files into new folders and prints which, with when it began and ended in milliseconds since 1970.
//   node burst.mjs <root> <folders> <files>
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const [root, folders, count] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
const now = () => performance.timeOrigin + performance.now();
const files = [];
const began = now();
for (let folder = 0; folder < folders; folder++) {
	const path = join(root, `new-${folder}`);
	mkdirSync(path, { recursive: true });
	for (let i = 0; i < count / folders; i++) {
		const file = join(path, `file-${i}`);
		writeFileSync(file, String(i));
		files.push(file);
	}
}
const ended = now();
process.stdout.write(JSON.stringify({ files, began, ended }));
