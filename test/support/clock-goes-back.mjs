// Preloaded into a server: as soon as the file that CLOCK_GOES_BACK names exists, it is an hour earlier.
import { existsSync } from 'node:fs';

const HOUR_MS = 3_600_000;
const now = Date.now.bind(Date);
Date.now = () => (existsSync(String(process.env['CLOCK_GOES_BACK'])) ? now() - HOUR_MS : now());
