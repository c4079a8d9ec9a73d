/** Thrown where an index is not laid out as Helm writes it; the general parser then reads it, or says what is wrong. */
export class Irregular extends Error {}
