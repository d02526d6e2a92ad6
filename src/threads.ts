// How many threads this process has for what the system does in the meantime. Imported before everything else: libuv makes its threads when the
// first of them is needed, and asks then. https://docs.libuv.org/en/v1.x/threadpool.html

/**
 * libuv's four are taken by four names that do not resolve, for as long as the resolver of the system waits for them: no other endpoint could be
 * reached then, and no file be read.
 */
const THREADS = 32;

process.env['UV_THREADPOOL_SIZE'] ||= String(THREADS);
