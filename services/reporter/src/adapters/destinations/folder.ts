import { mkdir, open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { Destination, ObjectReport, Parcel } from '../../core/destination.js';

/** Files in a folder, one below it for each study; a file is whole as soon as it has its name. */
export function folderDestination(path: string): Destination {
  return {
    async send(parcel: Parcel) {
      const folder = join(path, parcel.studyInstanceUid);
      const objects: ObjectReport[] = [];
      try {
        await mkdir(folder, { recursive: true });
        for (const object of parcel.objects) {
          await writeWhole(folder, `${object.kind}.${object.sopInstanceUid}.dcm`, await object.read());
          objects.push({ sopInstanceUid: object.sopInstanceUid, state: 'acknowledged', status: null });
        }
        await syncFolder(folder);
        return { kind: 'accepted', objects, detail: `${objects.length} files written` };
      } catch (error) {
        const { code, message } = error as NodeJS.ErrnoException;
        const detail = code === undefined ? message : `the folder cannot be written: ${code}`;
        return { kind: 'unreachable', isPerhapsSent: objects.length > 0, objects, detail };
      }
    },
  };
}

/** A leading dot hides it from whoever watches the folder. */
async function writeWhole(folder: string, name: string, bytes: Uint8Array): Promise<void> {
  const temporary = join(folder, `.${name}.part`);
  const handle = await open(temporary, 'w');
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(temporary, join(folder, name));
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
