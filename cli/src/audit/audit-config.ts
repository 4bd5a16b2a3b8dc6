import { type Static, Type } from 'typebox';

/** The `audit` section. The log on this machine is always written. */
export const AuditConfigSchema = Type.Object(
  {
    /** Names the site to the audit repository. */
    siteId: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
    /** An audit repository that takes syslog over TLS. Source: RFC 5425. */
    syslog: Type.Optional(
      Type.Object(
        {
          host: Type.String({ minLength: 1 }),
          port: Type.Integer({ minimum: 1, maximum: 65535, default: 6514 }),
          /** Certificates that sign that of the repository; those of the system when absent. */
          caFile: Type.Optional(Type.String()),
          certificateFile: Type.Optional(Type.String()),
          keyFile: Type.Optional(Type.String()),
          /** Name in its certificate, when it is not the host. */
          serverName: Type.Optional(Type.String()),
          /** Messages kept on disk while the repository is away. */
          spoolMessages: Type.Integer({ minimum: 1, default: 50_000 }),
        },
        { additionalProperties: false },
      ),
    ),
  },
  { additionalProperties: false, default: {} },
);
export type AuditSettings = Static<typeof AuditConfigSchema>;
