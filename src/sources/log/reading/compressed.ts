// Compressed files, told by their names.

/** Rotation compresses what is old; nobody appends to it. */
export const GZIP = /\.gz$/;
/** Compressed in ways that are not read. */
export const COMPRESSED = /\.(?:bz2|xz|zst|lz4|lzo|zip|Z)$/;
