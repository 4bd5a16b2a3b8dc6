// An OpenID Connect provider for tests: `node oidc-provider-process.mjs REDIRECT_URI`. Prints its address. Whoever is
// named in the address of the interaction is signed in without being asked.
import { createServer } from 'node:http';
import Provider from 'oidc-provider';

const [redirectUri] = process.argv.slice(2);
const ROLES = { rita: ['pce-readers'], ivan: ['pce-integrators', 'others'], nora: ['others'] };
const handler = { handle: (_request, response) => response.end() };
const server = createServer((request, response) => handler.handle(request, response));
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const issuer = `http://127.0.0.1:${server.address().port}`;
const provider = new Provider(issuer, {
  clients: [{ client_id: 'pce', client_secret: 'a secret of the test', redirect_uris: [redirectUri] }],
  claims: { openid: ['sub'], profile: ['preferred_username', 'groups'] },
  conformIdTokenClaims: false,
  pkce: { required: () => true },
  cookies: { keys: ['for the test'] },
  features: { devInteractions: { enabled: false } },
  interactions: { url: (_context, interaction) => `/interaction/${interaction.uid}` },
  findAccount: (_context, id) => ({
    accountId: id,
    claims: () => ({ sub: id, preferred_username: id, groups: ROLES[id] ?? [] }),
  }),
});
const callback = provider.callback();
handler.handle = async (request, response) => {
  const url = new URL(request.url, issuer);
  if (!url.pathname.startsWith('/interaction/')) return callback(request, response);
  const { prompt, session, params, grantId } = await provider.interactionDetails(request, response);
  if (prompt.name === 'login') {
    const accountId = url.searchParams.get('user') ?? 'rita';
    return provider.interactionFinished(request, response, { login: { accountId } });
  }
  const grant = grantId
    ? await provider.Grant.find(grantId)
    : new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
  grant.addOIDCScope('openid profile');
  return provider.interactionFinished(request, response, { consent: { grantId: await grant.save() } });
};
process.stdout.write(`${issuer}\n`);
