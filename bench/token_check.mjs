// What it costs the server to know an access token again. README.md says how that is found out.
import { rounds, note, pathsFile, seconds } from './common.mjs';
import { load } from './servers.mjs';

const nothing = '/v2/nothing', list = '/v2/payment_links';

// A token that may see the organization and nothing else.
async function narrowToken({ ready, port }) {
  const { client_id: id, client_secret: secret } = ready.oauth_client;
  const form = { grant_type: 'refresh_token', refresh_token: ready.refresh_token, client_id: id, client_secret: secret,
    scope: 'organization.read' };
  const answer = await fetch(`http://127.0.0.1:${port}/oauth2/token`,
    { method: 'POST', body: new URLSearchParams(form) });
  if (answer.status !== 200) throw new Error(`there is no token: ${await answer.text()}`);
  return (await answer.json()).access_token;
}

// Microseconds of CPU for each request, by round. `links` is the file of the links' paths.
export async function measureTokenCheck(paylink, links) {
  const wide = `Bearer ${paylink.ready.access_token}`, narrow = `Bearer ${await narrowToken(paylink)}`;
  const kinds = {
    livez: [paylink.authorization, pathsFile('livez', ['/livez']), 200],
    key: [paylink.authorization, links, 200],
    token: [wide, links, 200],
    // Neither reads anything, and the answers are as long as one another, nearly: the check is the difference.
    unasked: [narrow, pathsFile('nothing', [nothing]), 404],
    refused: [narrow, pathsFile('list', [list]), 403],
  };
  const figures = Object.fromEntries(Object.keys(kinds).map((kind) => [kind, []]));
  for (let round = 1; round <= rounds; ++round) {
    for (const [kind, [authorization, paths, status]] of Object.entries(kinds)) {
      const measured = await load({ ...paylink, authorization },
        ['--paths', paths, '--status', status, '--seconds', seconds, '--warmup', 0.5]);
      figures[kind].push(1e6 / measured.per_cpu_second);
    }
    const told = Object.entries(figures).map(([kind, values]) => `${kind} ${values.at(-1).toFixed(1)}`);
    note(`microseconds of CPU ${round}/${rounds}: ${told.join(', ')}`);
  }
  figures.check = figures.refused.map((cost, round) => cost - figures.unasked[round]);
  return figures;
}
