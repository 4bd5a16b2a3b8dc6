import { type Expression, type ExpressionBuilder, type Kysely, type SqlBool, sql } from 'kysely';
import type { AttributeMatch, LedgerQuery, LedgerSeries, LedgerStudy } from '../ports/ledger.js';
import { likePattern } from './attribute-match.js';
import type { LedgerDatabase } from './ledger-schema.js';

/** Attributes of the series, matched in a study query as "any series of the study". */
const MODALITIES_IN_STUDY = 'ModalitiesInStudy';

/** Studies that meet the query and of which something is still held, the latest received first. */
export async function searchStudyRows(database: Kysely<LedgerDatabase>, query: LedgerQuery): Promise<LedgerStudy[]> {
  let select = database
    .selectFrom('studies')
    .select(['studies.study_uid', 'studies.attributes'])
    .where(({ exists, selectFrom }) =>
      exists(heldInstances(selectFrom).whereRef('instances.study_uid', '=', 'studies.study_uid')),
    );
  for (const match of query.matches) {
    select =
      match.keyword === MODALITIES_IN_STUDY
        ? select.where('studies.study_uid', 'in', ({ selectFrom }) =>
            selectFrom('series').select('series.study_uid').where('modality', 'in', exactValues(match)),
          )
        : select.where('studies.study_uid', 'in', (builder) => matchingUids(builder, 'study', match));
  }
  const rows = await select
    .orderBy('studies.first_received_at', 'desc')
    .orderBy('studies.study_uid')
    .limit(query.limit)
    .offset(query.offset)
    .execute();
  const counts = await countByStudy(
    database,
    rows.map((row) => row.study_uid),
  );
  return rows.map((row) => ({
    studyInstanceUid: row.study_uid,
    attributes: JSON.parse(row.attributes),
    ...(counts.get(row.study_uid) ?? { modalities: [], seriesCount: 0, instanceCount: 0 }),
  }));
}

function heldInstances(selectFrom: ExpressionBuilder<LedgerDatabase, keyof LedgerDatabase>['selectFrom']) {
  return selectFrom('instances').select(sql`1`.as('one')).where('instances.removed_at', 'is', null);
}

/** Series that meet the query, of one study or of all. */
export async function searchSeriesRows(
  database: Kysely<LedgerDatabase>,
  studyInstanceUid: string | null,
  query: LedgerQuery,
): Promise<LedgerSeries[]> {
  let select = database
    .selectFrom('series')
    .innerJoin('instances', (join) =>
      join
        .onRef('instances.study_uid', '=', 'series.study_uid')
        .onRef('instances.series_uid', '=', 'series.series_uid'),
    )
    .where('instances.removed_at', 'is', null)
    .groupBy(['series.study_uid', 'series.series_uid', 'series.modality', 'series.attributes'])
    .select(['series.study_uid', 'series.series_uid', 'series.modality', 'series.attributes'])
    .select(({ fn }) => fn.countAll().as('instance_count'));
  if (studyInstanceUid !== null) select = select.where('series.study_uid', '=', studyInstanceUid);
  for (const match of query.matches) {
    select = select.where((where) =>
      where.or([
        where('series.series_uid', 'in', (builder: Builder) => matchingUids(builder, 'series', match)),
        where('series.study_uid', 'in', (builder: Builder) => matchingUids(builder, 'study', match)),
      ]),
    );
  }
  const rows = await select.orderBy('series.series_uid').limit(query.limit).offset(query.offset).execute();
  return rows.map((row) => ({
    studyInstanceUid: row.study_uid,
    seriesInstanceUid: row.series_uid,
    modality: row.modality,
    attributes: JSON.parse(row.attributes),
    instanceCount: Number(row.instance_count),
  }));
}

type Builder = ExpressionBuilder<LedgerDatabase, keyof LedgerDatabase>;

function matchingUids(builder: Pick<Builder, 'selectFrom'>, level: 'study' | 'series', match: AttributeMatch) {
  const select = builder
    .selectFrom('query_values')
    .select('query_values.uid')
    .where('query_values.level', '=', level)
    .where('query_values.keyword', '=', match.keyword);
  return select.where((where) => valueCondition(where, match));
}

function valueCondition(
  where: ExpressionBuilder<LedgerDatabase, 'query_values'>,
  match: AttributeMatch,
): Expression<SqlBool> {
  switch (match.kind) {
    case 'exact':
      return where('query_values.value', 'in', match.values);
    case 'wildcard':
      return sql<SqlBool>`query_values.folded LIKE ${likePattern(match.pattern)} ESCAPE '\\'`;
    case 'range':
      return where.and([
        ...(match.from === null ? [] : [where('query_values.value', '>=', match.from)]),
        ...(match.to === null ? [] : [where('query_values.value', '<=', match.to)]),
      ]);
  }
}

function exactValues(match: AttributeMatch): string[] {
  return match.kind === 'exact' ? match.values : [];
}

async function countByStudy(database: Kysely<LedgerDatabase>, studyUids: string[]) {
  const counts = new Map<string, Pick<LedgerStudy, 'modalities' | 'seriesCount' | 'instanceCount'>>();
  if (studyUids.length === 0) return counts;
  const rows = await database
    .selectFrom('instances')
    .select(['study_uid', 'series_uid', 'modality'])
    .select(({ fn }) => fn.countAll().as('instance_count'))
    .where('removed_at', 'is', null)
    .where('study_uid', 'in', studyUids)
    .groupBy(['study_uid', 'series_uid', 'modality'])
    .execute();
  for (const row of rows) {
    const count = counts.get(row.study_uid) ?? { modalities: [], seriesCount: 0, instanceCount: 0 };
    counts.set(row.study_uid, {
      modalities: [...new Set([...count.modalities, row.modality])].sort(),
      seriesCount: count.seriesCount + 1,
      instanceCount: count.instanceCount + Number(row.instance_count),
    });
  }
  return counts;
}
