import type { IndexedInstance, IndexedStudy } from './indexed-instance.js';
import { byCodeUnit } from './scan-inputs.js';

/**
 * The instances found so far, by study. Holds headers' identities only, some hundred bytes per instance.
 */
export class StudyIndex {
  readonly #studies = new Map<string, IndexedInstance[]>();
  readonly #bySopInstanceUid = new Map<string, IndexedInstance>();
  /** One copy of each text that repeats: study, series, SOP class and transfer syntax UIDs, modality. */
  readonly #texts = new Map<string, string>();

  get instanceCount(): number {
    return this.#bySopInstanceUid.size;
  }

  get studyCount(): number {
    return this.#studies.size;
  }

  /** Takes the instance in, unless its SOP Instance UID is taken: then gives the one that has it. */
  add(instance: IndexedInstance): IndexedInstance | null {
    const holder = this.#bySopInstanceUid.get(instance.sopInstanceUid);
    if (holder) return holder;
    const compact: IndexedInstance = {
      ...instance,
      studyInstanceUid: this.#once(instance.studyInstanceUid),
      seriesInstanceUid: this.#once(instance.seriesInstanceUid),
      sopClassUid: this.#once(instance.sopClassUid),
      transferSyntaxUid: this.#once(instance.transferSyntaxUid),
      modality: this.#once(instance.modality),
    };
    this.#bySopInstanceUid.set(compact.sopInstanceUid, compact);
    const study = this.#studies.get(compact.studyInstanceUid);
    if (study) study.push(compact);
    else this.#studies.set(compact.studyInstanceUid, [compact]);
    return null;
  }

  /** All studies, sorted by Study Instance UID. */
  studies(): IndexedStudy[] {
    return [...this.#studies]
      .map(([studyInstanceUid, instances]) => ({ studyInstanceUid, instances }))
      .sort((a, b) => byCodeUnit(a.studyInstanceUid, b.studyInstanceUid));
  }

  #once(text: string): string {
    const known = this.#texts.get(text);
    if (known !== undefined) return known;
    this.#texts.set(text, text);
    return text;
  }
}
