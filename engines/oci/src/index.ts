/** A client of OCI registries. */
export {};
