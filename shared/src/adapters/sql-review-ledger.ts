import { type Kysely, type Selectable, sql } from 'kysely';
import type { Review, ReviewLedger, Verdict } from '../ports/review-ledger.js';
import type { LedgerDatabase } from './ledger-schema.js';

/** The reviews over SQL, the same for SQLite and PostgreSQL. */
export class SqlReviewLedger implements ReviewLedger {
  readonly #database: Kysely<LedgerDatabase>;

  constructor(database: Kysely<LedgerDatabase>) {
    this.#database = database;
  }

  async recordReview(review: Review): Promise<boolean> {
    const inserted = await this.#database
      .insertInto('reviews')
      .values({
        review_id: review.reviewId,
        study_uid: review.studyInstanceUid,
        result_id: review.resultId,
        finding_id: review.findingId,
        verdict: review.verdict,
        comment: review.comment,
        user_name: review.userName,
        algorithm: review.algorithm,
        algorithm_version: review.algorithmVersion,
        reviewed_at: review.reviewedAt.toISOString(),
        sequence: sql<number>`(select coalesce(max(sequence), 0) + 1 from reviews)`,
      })
      .onConflict((conflict) => conflict.column('review_id').doNothing())
      .returning('review_id')
      .execute();
    return inserted.length === 1;
  }

  async reviewsOfResult(resultId: string): Promise<Review[]> {
    return (await this.#inOrder().where('result_id', '=', resultId).execute()).map(toReview);
  }

  async examVerdicts(resultIds: readonly string[]): Promise<Map<string, Review>> {
    if (resultIds.length === 0) return new Map();
    const rows = await this.#inOrder().where('result_id', 'in', resultIds).where('finding_id', 'is', null).execute();
    // In order of recording, so that the last one stays.
    return new Map(rows.map((row) => [row.result_id, toReview(row)]));
  }

  async lastReviewsSince(since: Date): Promise<Review[]> {
    const rows = await this.#inOrder().where('reviewed_at', '>=', since.toISOString()).execute();
    const last = new Map<string, Review>();
    for (const row of rows) {
      const subject = `${row.result_id} ${row.finding_id ?? ''}`;
      last.delete(subject);
      last.set(subject, toReview(row));
    }
    return [...last.values()];
  }

  #inOrder() {
    return this.#database.selectFrom('reviews').selectAll().orderBy('reviewed_at').orderBy('sequence');
  }
}

function toReview(row: Selectable<LedgerDatabase['reviews']>): Review {
  return {
    reviewId: row.review_id,
    studyInstanceUid: row.study_uid,
    resultId: row.result_id,
    findingId: row.finding_id,
    verdict: row.verdict as Verdict,
    comment: row.comment,
    userName: row.user_name,
    algorithm: row.algorithm,
    algorithmVersion: row.algorithm_version,
    reviewedAt: new Date(row.reviewed_at),
  };
}
