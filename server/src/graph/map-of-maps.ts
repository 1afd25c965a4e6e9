/** A map with two keys: a text made of both would be made anew for each question. */
export class MapOfMaps<T> {
	readonly #maps = new Map<string, Map<string, T>>();

	/** @param make the value of keys that are new */
	getOrMake(outer: string, inner: string, make: () => T): T {
		let map = this.#maps.get(outer);
		if (map === undefined) {
			map = new Map();
			this.#maps.set(outer, map);
		}
		let value = map.get(inner);
		if (value === undefined) {
			value = make();
			map.set(inner, value);
		}
		return value;
	}
}
