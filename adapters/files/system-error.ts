/** What the system says when a file cannot be used, as a clause without the name of the call. */
export function causeOf(error: unknown): string {
  if (isErrno(error, 'EACCES') || isErrno(error, 'EPERM'))
    return 'this user may not do that; run as root, or as the owner of the directory';
  if (isErrno(error, 'ENOSPC') || isErrno(error, 'EDQUOT')) return 'there is no space left';
  if (isErrno(error, 'EROFS')) return 'the file system is read-only';
  if (isErrno(error, 'ENOTDIR') || isErrno(error, 'EEXIST')) return 'a part of its path is no directory';
  return error instanceof Error ? error.message : String(error);
}

export function isErrno(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
