import Database from 'libsql';

/** Somebody else holds the lock. */
export class LockHeldError extends Error {
  override readonly name = 'LockHeldError';
}

/**
 * Takes a lock that one process at a time can have: a transaction held open on a database of its own. The system lets
 * go of it however the process ends.
 *
 * @param path file of the lock, made when absent
 * @throws LockHeldError
 */
export function takeExclusiveLock(path: string): { close(): void } {
  const lock = new Database(path, { timeout: 0 });
  try {
    lock.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE;');
    return lock;
  } catch (cause) {
    lock.close();
    throw new LockHeldError(`${path}: expected no other process to hold this lock, but one does`, { cause });
  }
}
