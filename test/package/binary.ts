import type { Machine } from '../../scripts/package/targets.mjs';

const ELF_CPU: Record<number, Machine['cpu']> = { 0x28: 'arm', 0x3e: 'x64', 0xb7: 'arm64' };
const MACH_O_CPU: Record<number, Machine['cpu']> = { 0x0100_0007: 'x64', 0x0100_000c: 'arm64' };
const PE_CPU: Record<number, Machine['cpu']> = { 0x8664: 'x64', 0xaa64: 'arm64' };

/** What a native library is made for, from its own header; a description of the bytes when it is none. */
export function readMachine(library: Buffer): Machine | string {
	if (library.subarray(0, 4).toString('latin1') === '\x7fELF') {
		const cpu = ELF_CPU[library.readUInt16LE(0x12)];
		// The names of the libraries that it needs are in its string table; musl's has no version.
		const musl = !library.includes('libc.so.6\0');
		return cpu === undefined ? 'ELF of an unknown CPU' : { format: 'elf', cpu, libc: musl ? 'musl' : 'glibc' };
	}
	if (library.readUInt32LE(0) === 0xfeed_facf) {
		const cpu = MACH_O_CPU[library.readUInt32LE(4)];
		return cpu === undefined ? 'Mach-O of an unknown CPU' : { format: 'mach-o', cpu };
	}
	if (library.subarray(0, 2).toString('latin1') === 'MZ') {
		const header = library.readUInt32LE(0x3c);
		const cpu = PE_CPU[library.readUInt16LE(header + 4)];
		return cpu === undefined ? 'PE of an unknown CPU' : { format: 'pe', cpu };
	}
	return `no native library: it starts with ${library.subarray(0, 8).toString('hex')}`;
}
