import { createHash } from 'node:crypto';
import { indexStudies } from './index-studies.js';
import type { IndexedStudy } from './indexed-instance.js';
import { byCodeUnit, scanInputs } from './scan-inputs.js';
import type { Shard } from './shard.js';
import type { SourcedStudy, StudySource } from './study-source.js';

/**
 * Files, folders and archives within reach.
 *
 * @param outputPath folder not entered, absolute and resolved
 */
export function localSource(paths: readonly string[], outputPath: string, shard: Shard | null): StudySource {
  return {
    list: async (listener) => {
      const inputs = scanInputs(paths, { exclude: new Set([outputPath]) });
      const found = await indexStudies(inputs, listener, shard);
      return { studies: found.studyList.map(withinReach), files: found.inputs, instances: found.instances };
    },
    close: async () => undefined,
  };
}

function withinReach(study: IndexedStudy): SourcedStudy {
  const fetched = { study, problems: [], failure: null, release: async () => undefined };
  return {
    studyInstanceUid: study.studyInstanceUid,
    inputDigest: digestInput(study),
    fetch: async () => fetched,
  };
}

/** Of the files as listed: names and lengths, not their bytes, which are read when the study's turn comes. */
function digestInput({ instances }: IndexedStudy): string {
  const lines = instances.map(({ sopInstanceUid, path, byteLength }) => `${sopInstanceUid} ${byteLength} ${path}`);
  return createHash('sha256').update(lines.sort(byCodeUnit).join('\n')).digest('hex');
}
