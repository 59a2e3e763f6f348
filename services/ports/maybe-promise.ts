/**
 * What a port answers that may have to wait: the value itself where it did not. `await` takes both; a promise costs some
 * microseconds, and a handshake asks for eight such answers.
 */
export type MaybePromise<T> = T | Promise<T>;
