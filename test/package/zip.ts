import { open, type Entry } from 'yauzl';

/** The files of a zip archive: path → content. */
export async function readZip(path: string): Promise<Map<string, Buffer>> {
	const zip = await new Promise<import('yauzl').ZipFile>((resolve, reject) => {
		open(path, { lazyEntries: true }, (error, file) => (error ? reject(error) : resolve(file)));
	});
	const files = new Map<string, Buffer>();
	return await new Promise((resolve, reject) => {
		zip.on('error', reject);
		zip.on('end', () => resolve(files));
		zip.on('entry', (entry: Entry) => {
			zip.openReadStream(entry, (error, stream) => {
				if (error) {
					reject(error);
					return;
				}
				const chunks: Buffer[] = [];
				stream.on('data', (chunk: Buffer) => chunks.push(chunk));
				stream.on('error', reject);
				stream.on('end', () => {
					files.set(entry.fileName, Buffer.concat(chunks));
					zip.readEntry();
				});
			});
		});
		zip.readEntry();
	});
}
