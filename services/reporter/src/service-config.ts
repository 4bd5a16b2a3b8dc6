import { readCheckedYaml, type YamlOverride } from '@pce/shared/config/checked-yaml';
import { type Static, Type } from 'typebox';
import { reporterContradictions } from './config.js';
import { ReporterConfigSchema } from './config-schema.js';

/** What a reporter that runs alone needs to know. */
const ReporterServiceSchema = Type.Object(
  {
    /** What we call ourselves when sending. */
    aeTitle: Type.String({ pattern: '^[\\x20-\\x5b\\x5d-\\x7e]{1,16}$', default: 'PCE' }),
    /** Instances, and the ledger unless it is on a server. */
    dataFolder: Type.String({ default: './data' }),
    watermarkBytes: Type.Integer({ minimum: 0, default: 2_147_483_648 }),
    ...ReporterConfigSchema.properties,
  },
  { additionalProperties: false, default: {} },
);
type ReporterServiceConfig = Static<typeof ReporterServiceSchema>;

export type ReporterServiceOutcome =
  | { kind: 'valid'; config: ReporterServiceConfig }
  | { kind: 'invalid'; problems: string[] };

/** Reads the configuration from the environment and one YAML file, with every problem at once. Pure. */
export function parseReporterConfig(
  env: Readonly<Record<string, string | undefined>>,
  yamlText: string,
): ReporterServiceOutcome {
  const overrides: YamlOverride[] = [];
  if (env.PCE_DATA_DIR) overrides.push({ path: ['dataFolder'], value: env.PCE_DATA_DIR, origin: 'PCE_DATA_DIR' });
  if (env.PCE_AE_TITLE) overrides.push({ path: ['aeTitle'], value: env.PCE_AE_TITLE, origin: 'PCE_AE_TITLE' });
  const checked = readCheckedYaml(ReporterServiceSchema, yamlText, overrides, reporterContradictions);
  return checked.kind === 'valid' ? { kind: 'valid', config: checked.value } : checked;
}
