/**
 * Numbers and names as text, one character a byte: so it is stored, compared and sent as it is, and read without being taken apart.
 * Names are sorted, each is there once, and a number stands for it.
 */

/** Larger numbers than this are not packed, nor negative ones. */
const MOST = 0x7f_ff_ff_ff;

/** Before a name with characters of more than one byte: it is stored with two for each. */
const WIDE = '\u0001';

export class Packer {
	readonly #numbers: number[] = [];
	readonly #names = new Map<string, number>();
	/** Which of the numbers stand for names. */
	readonly #places: number[] = [];
	readonly #rest: string[] = [];

	/** @throws RangeError when it is negative, or no integer of 31 bits */
	number(value: number): void {
		if (!Number.isInteger(value) || value < 0 || value > MOST) {
			throw new RangeError(`${value} cannot be packed: it must be an integer from 0 to ${MOST}.`);
		}
		this.#numbers.push(value);
	}

	/** A text that may be there more than once, or be sought. */
	name(text: string): void {
		let id = this.#names.get(text);
		if (id === undefined) {
			id = this.#names.size;
			this.#names.set(text, id);
		}
		this.#places.push(this.#numbers.length);
		this.#numbers.push(id);
	}

	/** A text that is there once and is not sought. */
	text(text: string): void {
		const bytes = bytesOf(text);
		this.number(bytes.length);
		this.#rest.push(bytes);
	}

	finish(): string {
		const names = Array.from(this.#names.keys(), bytesOf);
		const sorted = names.toSorted();
		const indexes = new Map(sorted.map((bytes, index) => [bytes, index]));
		for (const place of this.#places) {
			this.#numbers[place] = indexes.get(names[this.#numbers[place]!]!)!;
		}
		const lengths = sorted.map(({ length }) => length);
		return (
			varints([sorted.length, ...lengths, this.#numbers.length]) +
			varints(this.#numbers) +
			sorted.join('') +
			this.#rest.join('')
		);
	}
}

export class Unpacked {
	readonly numbers: Int32Array;
	readonly #text: string;
	/** Where each name begins, and the last one ends. */
	readonly #starts: Int32Array;
	/** Names that were sought. */
	readonly #ids = new Map<string, number>();

	/** @param text as {@link Packer.finish} has made it */
	constructor(text: string) {
		this.#text = text;
		let at = 0;
		const next = (): number => {
			let value = 0;
			for (let shift = 0; ; shift += 7) {
				const byte = text.charCodeAt(at++);
				value |= (byte & 0x7f) << shift;
				if (byte < 0x80) {
					return value;
				}
			}
		};
		const names = next();
		this.#starts = new Int32Array(names + 1);
		for (let i = 0; i < names; i++) {
			this.#starts[i + 1] = next();
		}
		const numbers = next();
		this.numbers = new Int32Array(numbers);
		for (let i = 0; i < numbers; i++) {
			this.numbers[i] = next();
		}
		this.#starts[0] = at;
		for (let i = 0; i < names; i++) {
			this.#starts[i + 1]! += this.#starts[i]!;
		}
	}

	/** The name that a number stands for. */
	name(id: number): string {
		return nameOf(this.#bytesOf(id));
	}

	/** The number that stands for a name; -1 when it is not there. */
	idOf(name: string): number {
		let id = this.#ids.get(name);
		if (id === undefined) {
			id = this.#find(name);
			this.#ids.set(name, id);
		}
		return id;
	}

	#find(name: string): number {
		const sought = bytesOf(name);
		let low = 0;
		let high = this.#starts.length - 2;
		while (low <= high) {
			const middle = (low + high) >> 1;
			const found = this.#bytesOf(middle);
			if (found === sought) {
				return middle;
			}
			if (found < sought) {
				low = middle + 1;
			} else {
				high = middle - 1;
			}
		}
		return -1;
	}

	/**
	 * What {@link Packer.text} took.
	 *
	 * @param behind how many bytes those before it have
	 * @param length how many it has itself: the number that stands for it
	 */
	text(behind: number, length: number): string {
		const start = this.#starts.at(-1)! + behind;
		return nameOf(this.#text.slice(start, start + length));
	}

	#bytesOf(id: number): string {
		return this.#text.slice(this.#starts[id], this.#starts[id + 1]);
	}
}

function bytesOf(name: string): string {
	if (!name.startsWith(WIDE) && !BROAD.test(name)) {
		return name;
	}
	return WIDE + Buffer.from(name, 'utf16le').toString('latin1');
}

function nameOf(bytes: string): string {
	return bytes.startsWith(WIDE) ? Buffer.from(bytes.slice(WIDE.length), 'latin1').toString('utf16le') : bytes;
}

const BROAD = /[\u0100-\uffff]/;

/** Little-endian, seven bits in each byte, the highest bit for "there is more". */
function varints(numbers: readonly number[]): string {
	const bytes = Buffer.allocUnsafe(numbers.length * 5);
	let length = 0;
	for (const number of numbers) {
		let rest = number;
		while (rest >= 0x80) {
			bytes[length++] = (rest & 0x7f) | 0x80;
			rest >>>= 7;
		}
		bytes[length++] = rest;
	}
	return bytes.toString('latin1', 0, length);
}
