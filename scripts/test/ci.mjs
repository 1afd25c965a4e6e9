/** Under CI a machine judges: nothing may be left out, because nobody would notice. */
export const ci = !['', 'false', '0', undefined].includes(process.env['CI']);
