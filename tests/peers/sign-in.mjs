// The shop of examples/social-login in a real browser: four buttons, four providers. Google and Apple are the certified peers of
// providers.mjs, Facebook and TikTok the example's stand-ins. `node sign-in.mjs JOURNEY [SCREENSHOT_FOLDER]`
import { spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { apple, google } from './providers.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const [journey, shots] = process.argv.slice(2);
const browserPath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
if (!browserPath) {
  console.log('left out: no Chromium here (Debian: apt-get install chromium)');
  process.exit(0);
}

const folder = mkdtempSync(join(tmpdir(), 'journey-peers-'));
const servers = [];
const freePort = () => new Promise((found) => {
  const server = createServer().listen(0, '127.0.0.1', () => {
    const { port } = server.address();
    server.close(() => found(port));
  });
});

// A server that runs; what it printed until it was ready.
function serve(project, port, admin, settings) {
  const env = { ...process.env };
  for (const [name, value] of Object.entries(settings)) env[`JOURNEY_${name}`] = value;
  const child = spawn(journey, ['serve', join(root, project), '--listen', `127.0.0.1:${port}`, '--admin', `127.0.0.1:${admin}`,
    '--data', join(folder, String(port)), '--log', 'warn'], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  servers.push(child);
  return new Promise((ready, failed) => {
    let printed = '';
    child.stdout.on('data', (data) => {
      printed += data;
      if (/^ready/m.test(printed)) ready(printed);
    });
    child.on('exit', () => failed(new Error(`${project} does not start: ${printed}`)));
  });
}

function check(holds, what) {
  if (!holds) throw new Error(what);
}

async function run() {
  const [signIn, signInAdmin, shop, shopAdmin, googlePort, applePort] = await Promise.all(Array.from({ length: 6 }, freePort));
  const at = (port) => `http://127.0.0.1:${port}`;
  const back = (provider) => `${at(shop)}/back/${provider}`;
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' });
  await google(googlePort, { client: 'shop-at-google', secret: 'secret of the shop at google', back: back('google') });
  await apple(applePort, {
    client: 'example.shop', team: 'TEAM123456', kid: 'KEY1234567', back: back('apple'),
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }),
  });
  const printed = await serve('journeys', signIn, signInAdmin, {
    CONFIG_GOOGLE_CLIENT_ID: 'shop-at-google',
    SECRET_GOOGLE_CLIENT_SECRET: 'secret of the shop at google',
    CONFIG_GOOGLE_REDIRECT_URIS: back('google'),
    CONFIG_GOOGLE_ISSUER: at(googlePort),
    CONFIG_GOOGLE_TOKEN_URL: `discovery:${at(googlePort)}#token_endpoint`,
    CONFIG_APPLE_CLIENT_ID: 'example.shop',
    CONFIG_APPLE_TEAM_ID: 'TEAM123456',
    CONFIG_APPLE_KEY_ID: 'KEY1234567',
    SECRET_APPLE_PRIVATE_KEY: pem,
    CONFIG_APPLE_REDIRECT_URIS: back('apple'),
    CONFIG_APPLE_SCOPE: 'openid name email',
    CONFIG_APPLE_ISSUER: at(applePort),
    CONFIG_APPLE_AUTHORIZATION_URL: `${at(applePort)}/auth`,
    CONFIG_APPLE_TOKEN_URL: `${at(applePort)}/token`,
    CONFIG_APPLE_KEYS_URL: `${at(applePort)}/jwks`,
    CONFIG_FACEBOOK_CLIENT_ID: '77',
    SECRET_FACEBOOK_CLIENT_SECRET: 'secret of the app',
    CONFIG_FACEBOOK_REDIRECT_URIS: back('facebook'),
    CONFIG_FACEBOOK_URL: `${at(shop)}/facebook`,
    CONFIG_FACEBOOK_GRAPH_URL: `${at(shop)}/facebook`,
    CONFIG_TIKTOK_CLIENT_KEY: 'aw77',
    SECRET_TIKTOK_CLIENT_SECRET: 'secret at tiktok',
    CONFIG_TIKTOK_REDIRECT_URIS: back('tiktok'),
    CONFIG_TIKTOK_AUTHORIZATION_URL: `${at(shop)}/tiktok/v2/auth/authorize`,
    CONFIG_TIKTOK_TOKEN_URL: `${at(shop)}/tiktok/v2/oauth/token`,
    CONFIG_TIKTOK_USER_URL: `${at(shop)}/tiktok/v2/user/info`,
  });
  const shown = (label) => printed.match(new RegExp(`${label}\\s+(\\S+)`))[1];
  await serve('examples/social-login', shop, shopAdmin, {
    CONFIG_SHOP_URL: at(shop),
    CONFIG_SIGN_IN_URL: at(signIn),
    CONFIG_SIGN_IN_TOKEN_URL: `${at(signIn)}/oidc/token`,
    CONFIG_SIGN_IN_CLIENT: shown('client id'),
    SECRET_SIGN_IN_SECRET: shown('client secret'),
    CONFIG_GOOGLE_ORIGIN: at(googlePort),
    CONFIG_APPLE_ORIGIN: at(applePort),
    CONFIG_FACEBOOK_ORIGIN: at(shop),
    CONFIG_TIKTOK_ORIGIN: at(shop),
    SECRET_FACEBOOK_APP_SECRET: 'secret of the app',
    SECRET_TIKTOK_SECRET: 'secret at tiktok',
  });

  const browser = await chromium.launchPersistentContext(join(folder, 'browser'), {
    executablePath: browserPath,
    headless: true,
    args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync'],
  });
  const page = await browser.newPage();
  const shot = async (name) => { if (shots) await page.screenshot({ path: join(shots, `${name}.png`) }); };
  const welcome = async (provider, name, user) => {
    await page.waitForSelector('#user');
    const text = await page.textContent('body');
    check(text.includes(`Welcome, ${name}`) && (await page.textContent('#user')) === user, `${provider}: ${text}`);
    await shot(provider);
    console.log(`ok  ${provider}: ${user}`);
  };
  // The peer's own login page, then its page of consent.
  const logIn = async (user) => {
    await page.fill('input[name=login]', user);
    await page.fill('input[name=password]', 'any');
    await page.click('button[type=submit]');
    await page.waitForSelector('button[type=submit]');
    await page.click('button[type=submit]');
  };

  await page.goto(at(shop));
  check((await page.locator('a').count()) === 4, 'four buttons');
  await shot('buttons');
  await page.click('a.google');
  await logIn('ada');
  await welcome('google', 'Ada Lovelace', 'google-ada');
  await page.goto(at(shop));
  await page.click('a.apple');
  await logIn('001234.ada');
  await welcome('apple', 'Ada', 'apple-001234.ada');
  for (const [provider, name, user] of [['facebook', 'Ada Lovelace', 'facebook-1001'], ['tiktok', 'ada.codes', 'tiktok-tt-1001']]) {
    await page.goto(at(shop));
    await page.click(`a.${provider}`);
    await page.click('#continue');
    await welcome(provider, name, user);
  }
  // Whoever reloads the page of a sign-in that is over brings its code again.
  await page.reload();
  check((await page.textContent('body')).includes('not signed in'), 'a code that comes back');
  console.log('ok  a code that comes back is refused');

  // Codes that did not come the way they should.
  const basic = Buffer.from(`${shown('client id')}:${shown('client secret')}`).toString('base64');
  const granted = await fetch(`${at(signIn)}/oidc/token`, {
    method: 'POST', headers: { authorization: `Basic ${basic}` }, body: new URLSearchParams({ grant_type: 'client_credentials' }),
  });
  const { access_token: token } = await granted.json();
  const call = async (path, body) => (await fetch(`${at(signIn)}/v1/auth/social/google/${path}`, {
    method: 'POST', headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' }, body: JSON.stringify(body),
  })).json();
  const begin = () => call('start', { redirect_uri: back('google') });
  // Where the browser comes back to. The shop does not know these states, so it leaves the codes as they are.
  const goThrough = async (url) => {
    await page.goto(url);
    if (await page.locator('input[name=login]').count()) await logIn('ada');
    else if (!page.url().startsWith(at(shop))) await page.click('button[type=submit]');
    await page.waitForURL(`${at(shop)}/**`);
    return new URL(page.url()).searchParams;
  };
  const [mine, theirs] = [await begin(), await begin()];
  const code = (await goThrough(theirs.authorization_url)).get('code');
  const injected = await call('verify', { code, state: mine.state });
  check(injected.error_code === 'invalid_code', `a code of another sign-in: ${JSON.stringify(injected)}`);
  console.log('ok  a code of another sign-in does not fit the verifier');
  const third = new URL((await begin()).authorization_url);
  third.searchParams.set('nonce', 'of somebody else');
  const replaced = await call('verify', { code: (await goThrough(third.href)).get('code'), state: third.searchParams.get('state') });
  check(replaced.error_code === 'invalid_id_token', `another nonce: ${JSON.stringify(replaced)}`);
  console.log('ok  an ID token with another nonce is refused');
  const named = await begin();
  const answer = await goThrough(named.authorization_url);
  check(answer.get('iss') === at(googlePort), `the answer names its provider: ${answer}`);
  const mixed = await call('verify', { code: answer.get('code'), state: named.state, iss: at(applePort) });
  check(mixed.error_code === 'invalid_issuer', `another provider: ${JSON.stringify(mixed)}`);
  console.log('ok  an answer that names another provider is refused');
  for (const [name, value] of [['code_challenge', ''], ['code_challenge_method', 'plain']]) {
    const weaker = new URL((await begin()).authorization_url);
    if (value) weaker.searchParams.set(name, value);
    else weaker.searchParams.delete(name);
    check(!(await goThrough(weaker.href)).get('code'), `${name}: a code without a proof`);
  }
  console.log('ok  without a challenge, or with a plain one, there is no code');
  await browser.close();
}

run().then(() => 0, (error) => { console.error(error); return 1; }).then((code) => {
  servers.forEach((server) => server.kill());
  rmSync(folder, { recursive: true, force: true });
  process.exit(code);
});
