/** `2026-11-21 16:30:13`, by the clock of here. */
export function timeText(time: number): string {
	const date = new Date(time);
	const two = (value: number) => String(value).padStart(2, '0');
	const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
	return `${day} ${date.toTimeString().slice(0, 8)}`;
}
