import type { Stats } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';

/** Whom PostgreSQL runs as when that is not the user we run as. */
export type PostgresUser = { uid: number; gid: number };

/**
 * PostgreSQL refuses to run as root. As root it runs as the owner of the cluster, or as nobody when there is no cluster yet.
 * Anybody else runs it themselves: undefined.
 */
export async function findPostgresUser(clusterDir: string): Promise<PostgresUser | undefined> {
  const uid = process.getuid?.();
  const owner = await ownerOf(clusterDir);
  if (uid !== 0) {
    if (!owner || owner.uid === uid) return undefined;
    throw new Error(
      `The database in ${clusterDir} belongs to another user (uid ${owner.uid}). ` +
        'Start Latchkey as the user who started it first, or give it another folder with DATA_DIR.',
    );
  }
  if (process.platform !== 'linux') {
    throw new Error(
      'The embedded PostgreSQL does not run as root here. Start Latchkey as an ordinary user, or set DATABASE_URL.',
    );
  }
  return owner && owner.uid !== 0 ? { uid: owner.uid, gid: owner.gid } : nobody();
}

async function ownerOf(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function nobody(): Promise<PostgresUser> {
  const accounts = await readFile('/etc/passwd', 'utf8');
  const [, uid, gid] = /^nobody:[^:]*:(\d+):(\d+):/m.exec(accounts) ?? [];
  if (uid && gid) return { uid: Number(uid), gid: Number(gid) };
  throw new Error(
    'PostgreSQL refuses to run as root and there is no user "nobody". Start Latchkey as an ordinary user, or set DATABASE_URL.',
  );
}
