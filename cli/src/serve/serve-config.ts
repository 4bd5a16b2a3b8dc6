import { AnalysisConfigSchema } from '@pce/detector/config-schema';
import { ingestContradictions } from '@pce/ingest/config';
import { IngestConfigSchema } from '@pce/ingest/config-schema';
import { RoutingRulesSchema } from '@pce/ingest/core/routing-rules';
import { reporterContradictions } from '@pce/reporter/config';
import { ReporterConfigSchema } from '@pce/reporter/config-schema';
import { type Contradiction, readCheckedYaml, type YamlOverride } from '@pce/shared/config/checked-yaml';
import { AccessSchema } from '@pce/worklist/access-config';
import { type Static, Type } from 'typebox';
import { AuditConfigSchema } from '../audit/audit-config.js';

/** Parts of the product that one process may run. */
export const SERVICES = ['ingest', 'detector', 'reporter', 'worklist'] as const;
export type Service = (typeof SERVICES)[number];

/** The whole configuration file: one for all services, so that every machine can have the same. */
const ServeConfigSchema = Type.Object(
  {
    /** What we are called, and what we call ourselves when sending. */
    aeTitle: Type.String({ pattern: '^[\\x20-\\x5b\\x5d-\\x7e]{1,16}$', default: 'PCE' }),
    /** How often the ledger is looked through for what is pending: what a lost signal costs at most. [design] */
    sweepSeconds: Type.Number({ exclusiveMinimum: 0, default: 60 }),
    ...IngestConfigSchema.properties,
    rules: Type.Optional(RoutingRulesSchema.properties.rules),
    analysis: AnalysisConfigSchema,
    ...ReporterConfigSchema.properties,
    access: AccessSchema,
    audit: AuditConfigSchema,
  },
  { additionalProperties: false, default: {} },
);

export interface ServeConfig {
  file: Static<typeof ServeConfigSchema>;
  services: ReadonlySet<Service>;
  /** Set when many machines share the work. */
  cluster: { redisUrl: string; databaseUrl: string } | null;
  /** Value of the variable that the file names for it. */
  oidcClientSecret: string | null;
}

export type ServeConfigOutcome = { kind: 'valid'; config: ServeConfig } | { kind: 'invalid'; problems: string[] };

type Environment = Readonly<Record<string, string | undefined>>;

/** Each environment variable, where it goes in the file, and what holds when neither says anything. */
const ENVIRONMENT: { name: string; path: string[]; isNumber?: boolean; fallback?: string | number }[] = [
  { name: 'PCE_AE_TITLE', path: ['aeTitle'] },
  { name: 'PCE_DIMSE_PORT', path: ['dicom', 'port'], isNumber: true, fallback: 11112 },
  { name: 'PCE_HTTP_PORT', path: ['web', 'port'], isNumber: true, fallback: 8080 },
  { name: 'PCE_BIND', path: ['dicom', 'host'], fallback: '127.0.0.1' },
  { name: 'PCE_BIND', path: ['web', 'host'], fallback: '127.0.0.1' },
  { name: 'PCE_DATA_DIR', path: ['dataFolder'], fallback: './data' },
];
const LOOPBACK_HOSTS = new Set(['127.0.0.1', '::1', 'localhost']);
/** Networks of this machine itself. */
const LOOPBACK_NETWORKS = ['127.0.0.0/8', '::1', '::ffff:127.0.0.1'];

/** Reads the configuration from the environment and one YAML file, with every problem at once. Pure. */
export function parseServeConfig(env: Environment, yamlText: string): ServeConfigOutcome {
  const checked = readCheckedYaml(ServeConfigSchema, yamlText, overridesOf(env), contradictionsOf);
  const services = readServices(env.PCE_SERVICES);
  const cluster = readCluster(env);
  const problems = [
    ...(checked.kind === 'invalid' ? checked.problems : []),
    ...(typeof services === 'string' ? [services] : []),
    ...(typeof cluster === 'string' ? [cluster] : []),
  ];
  if (checked.kind === 'invalid' || typeof services === 'string' || typeof cluster === 'string') {
    return { kind: 'invalid', problems };
  }
  const file = withLocalSenders(checked.value);
  const { web } = file;
  if (!LOOPBACK_HOSTS.has(web.host) && web.apiKeys.length === 0 && !web.tokens) web.anonymous = 'nothing';
  const contradictions = [...ingestContradictions(file), ...partsThatNeedACluster(services, cluster)];
  if (contradictions.length > 0) return { kind: 'invalid', problems: contradictions };
  const secretVariable = file.access.oidc?.clientSecretVariable;
  const oidcClientSecret = secretVariable === undefined ? null : (env[secretVariable] ?? null);
  return { kind: 'valid', config: { file, services, cluster, oidcClientSecret } };
}

function overridesOf(env: Environment): YamlOverride[] {
  return ENVIRONMENT.flatMap(({ name, path, isNumber, fallback }): YamlOverride[] => {
    const text = env[name];
    if (text === undefined || text === '') {
      return fallback === undefined ? [] : [{ path, value: fallback, origin: 'default', isDefault: true }];
    }
    return [{ path, value: isNumber && /^\d+$/.test(text) ? Number(text) : text, origin: name }];
  });
}

/** The services asked for, or what is wrong with the list. */
function readServices(text: string | undefined): ReadonlySet<Service> | string {
  if (text === undefined || text === '') return new Set(SERVICES);
  const names = text.split(',').map((name) => name.trim());
  const unknown = names.filter((name) => !(SERVICES as readonly string[]).includes(name));
  if (unknown.length > 0)
    return `PCE_SERVICES: expected some of ${SERVICES.join(', ')}; received ${unknown.join(', ')}`;
  return new Set(names as Service[]);
}

function readCluster(env: Environment): ServeConfig['cluster'] | string {
  const [redisUrl, databaseUrl] = [env.REDIS_URL || undefined, env.DATABASE_URL || undefined];
  if (redisUrl !== undefined && databaseUrl !== undefined) return { redisUrl, databaseUrl };
  if (redisUrl === undefined && databaseUrl === undefined) return null;
  const [given, missing] = redisUrl === undefined ? ['DATABASE_URL', 'REDIS_URL'] : ['REDIS_URL', 'DATABASE_URL'];
  return `${missing}: expected beside ${given}, as many machines need both; received none`;
}

function partsThatNeedACluster(services: ReadonlySet<Service>, cluster: ServeConfig['cluster']): string[] {
  if (cluster !== null || services.size === SERVICES.length) return [];
  return ['PCE_SERVICES: expected REDIS_URL and DATABASE_URL when not all services run here; received neither'];
}

/** What the schema allows, but not together. */
function contradictionsOf(file: ServeConfig['file']): Contradiction[] {
  const names = new Set(file.destinations.map(({ name }) => name));
  const strangers = (file.rules ?? []).flatMap(({ destinations }, index) =>
    destinations
      .filter((name) => !names.has(name))
      .map((name) => ({
        path: ['rules', `${index}`, 'destinations'],
        message: `${name} is not among the destinations`,
      })),
  );
  const { clientSecretFile, clientSecretVariable } = file.access.oidc ?? {};
  const isTwofold = clientSecretFile !== undefined && clientSecretVariable !== undefined;
  const twofold = { path: ['access', 'oidc'], message: 'has clientSecretFile and clientSecretVariable: one is enough' };
  return [...reporterContradictions(file), ...strangers, ...(isTwofold ? [twofold] : [])];
}

/** Where nobody is listed, this machine itself may send, and nobody else. */
function withLocalSenders(file: ServeConfig['file']): ServeConfig['file'] {
  if (file.dicom.senders.length > 0) return file;
  const local = {
    calledAeTitle: file.aeTitle,
    callingAeTitles: ['*'],
    addresses: LOOPBACK_NETWORKS,
    certificateFingerprints: [],
    maxAssociationsPerPeer: 10,
  };
  return { ...file, dicom: { ...file.dicom, senders: [local] } };
}
