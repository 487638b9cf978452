// Two OpenID providers on loopback, by npm's oidc-provider (certified by the OpenID Foundation): one set up as Google is for its
// clients, one as Apple is. Their login and consent pages are the package's own.
import { createPublicKey, createVerify, generateKeyPairSync } from 'node:crypto';
import { Provider } from 'oidc-provider';

const rsa = () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { ...privateKey.export({ format: 'jwk' }), alg: 'RS256', use: 'sig' };
};

const common = {
  claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name', 'given_name', 'family_name'], name: ['given_name'] },
  conformIdTokenClaims: false,
  cookies: { keys: ['only for tests'] },
  features: { devInteractions: { enabled: true } },
};

const account = (verified) => async (_, sub) => ({
  accountId: sub,
  claims: async () => ({
    sub, email: `${sub}@example.com`, email_verified: verified, name: 'Ada Lovelace', given_name: 'Ada', family_name: 'Lovelace',
  }),
});

function listen(provider, port) {
  provider.on('server_error', (_, error) => console.error(error));
  return new Promise((ready) => provider.listen(port, '127.0.0.1', ready));
}

// Discovery, RS256, PKCE required, the client's secret in the form.
export function google(port, { client, secret, back }) {
  const provider = new Provider(`http://127.0.0.1:${port}`, {
    ...common,
    jwks: { keys: [rsa()] },
    pkce: { required: () => true },
    findAccount: account(true),
    clients: [{
      client_id: client, client_secret: secret, redirect_uris: [back], response_types: ['code'], grant_types: ['authorization_code'],
      token_endpoint_auth_method: 'client_secret_post',
    }],
  });
  return listen(provider, port);
}

// The client's secret is a JWT, signed by ES256 for each request; the answer is a form; booleans are texts.
export function apple(port, { client, team, kid, publicKey, back }) {
  const issuer = `http://127.0.0.1:${port}`;
  const provider = new Provider(issuer, {
    ...common,
    jwks: { keys: [rsa()] },
    scopes: ['openid', 'name', 'email'],
    findAccount: account('true'),
    clients: [{
      client_id: client, client_secret: 'a JWT takes its place', redirect_uris: [back], response_types: ['code'],
      grant_types: ['authorization_code'], token_endpoint_auth_method: 'client_secret_post',
    }],
  });
  const key = createPublicKey(publicKey);
  provider.Client.prototype.compareClientSecret = function compare(secret) {
    const [head, body, signature] = secret.split('.');
    const read = (part) => JSON.parse(Buffer.from(part, 'base64url').toString());
    const [header, claims, now] = [read(head), read(body), Date.now() / 1000];
    const signed = createVerify('SHA256').update(`${head}.${body}`)
      .verify({ key, dsaEncoding: 'ieee-p1363' }, Buffer.from(signature, 'base64url'));
    return signed && header.alg === 'ES256' && header.kid === kid && claims.iss === team && claims.sub === client
      && claims.aud === issuer && claims.iat <= now + 5 && claims.exp > now && claims.exp - claims.iat <= 15777000;
  };
  return listen(provider, port);
}
