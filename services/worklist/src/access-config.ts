import { USER_ROLES } from '@pce/shared/ports/access-ledger';
import { type Static, Type } from 'typebox';

const Role = Type.Enum([...USER_ROLES]);

const UserSchema = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 64 }),
    /** As `pce users add` prints it. */
    passwordHash: Type.String({ pattern: '^\\$scrypt\\$ln=\\d+,r=\\d+,p=\\d+\\$[A-Za-z0-9+/]+\\$[A-Za-z0-9+/]+$' }),
    roles: Type.Array(Role, { minItems: 1 }),
  },
  { additionalProperties: false },
);

const OidcSchema = Type.Object(
  {
    issuer: Type.String({ pattern: '^https?://' }),
    clientId: Type.String(),
    /** Name of the environment variable with the client's secret; without one the client is public (PKCE only). */
    clientSecretVariable: Type.Optional(Type.String()),
    /** Or a file that holds the secret, and nothing else. */
    clientSecretFile: Type.Optional(Type.String()),
    scope: Type.String({ default: 'openid profile' }),
    nameClaim: Type.String({ default: 'preferred_username' }),
    rolesClaim: Type.String({ default: 'roles' }),
    /** Our role by value of the claim; values that are not listed give no role. */
    roles: Type.Record(Type.String(), Role, {
      default: { reader: 'reader', administrator: 'administrator', integrator: 'integrator' },
    }),
  },
  { additionalProperties: false },
);

/** Who may sign in to the pages, and for how long. */
export const AccessSchema = Type.Object(
  {
    users: Type.Array(UserSchema, { default: [] }),
    oidc: Type.Optional(OidcSchema),
    /** How browsers reach us when it is not by the bound address, such as "https://pce.example.org". */
    publicUrl: Type.Optional(Type.String({ pattern: '^https?://[^/]+$' })),
    /** A session nobody uses ends after this. */
    idleMinutes: Type.Number({ exclusiveMinimum: 0, default: 60 }),
    /** A session ends after this in any case. */
    longestHours: Type.Number({ exclusiveMinimum: 0, default: 12 }),
    /** The audit forgets what is older; without a number it keeps everything. */
    auditDays: Type.Optional(Type.Number({ minimum: 1 })),
  },
  { additionalProperties: false, default: {} },
);
export type AccessConfig = Static<typeof AccessSchema>;
