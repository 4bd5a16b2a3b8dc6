import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { findStudiesOverWeb, retrieveOverWeb, type WebArchive } from '@pce/ingest/adapters/pull-dicomweb';
import { MAX_STAGED_BYTES } from '../stage-study.js';
import type { Archive } from './archive.js';

/** Parts of one study: more than any study has instances. [design] */
const MAX_PARTS = 100_000;
/** To tell whether a server answers, it is asked for a study that is not there. */
const NO_STUDY = { StudyInstanceUID: '2.25.0' };

/** An archive reached by QIDO-RS and WADO-RS. */
export function webArchive(url: string, token: string | null): Archive {
  const server: WebArchive = { name: hostOf(url), url, token, maxParts: MAX_PARTS };
  return {
    find: (query) => findStudiesOverWeb(server, query),
    retrieve: (studyInstanceUid, folder) => retrieveOverWeb(server, studyInstanceUid, fileTaker(folder)),
    answers: () =>
      findStudiesOverWeb(server, NO_STUDY).then(
        () => true,
        () => false,
      ),
    close: async () => undefined,
  };
}

function hostOf(url: string): string {
  return new URL(url).host;
}

/** Writes each part under a running number. */
function fileTaker(folder: string): (chunks: AsyncIterable<Uint8Array>) => Promise<boolean> {
  let number = 0;
  let bytes = 0;
  return async (chunks) => {
    number += 1;
    const counted = async function* () {
      for await (const chunk of chunks) {
        bytes += chunk.length;
        if (bytes > MAX_STAGED_BYTES)
          throw new Error(`study: expected at most ${MAX_STAGED_BYTES} bytes; received more`);
        yield chunk;
      }
    };
    await pipeline(Readable.from(counted()), createWriteStream(join(folder, `${number}.dcm`)));
    return true;
  };
}
