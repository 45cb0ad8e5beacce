// Asks for every URL that it is given, and prints status and body: by fetch, by an agent that knows no proxy, and the
// way axios asks a proxy for http, and by a tunnel for https. All must be told the same.
import assert from 'node:assert';
import http from 'node:http';
import https from 'node:https';
import tls from 'node:tls';

const proxy = new URL(process.env.http_proxy);
const end = { host: proxy.hostname, port: proxy.port };

const byFetch = async (url) => {
  const answer = await fetch(url);
  return [answer.status, await answer.text()];
};

const byRequest = (options, module = http) => new Promise((resolve, reject) => {
  const request = module.request(options, async (answer) => {
    const pieces = [];
    for await (const piece of answer) pieces.push(piece);
    resolve([answer.statusCode, Buffer.concat(pieces).toString()]);
  });
  request.on('error', reject).end();
});

const byTunnel = (url) => new Promise((resolve, reject) => {
  const host = `${url.hostname}:443`;
  const request = http.request({ ...end, method: 'CONNECT', path: host, headers: { host } });
  request.on('connect', (answer, socket) => {
    const createConnection = () => tls.connect({ socket, servername: url.hostname });
    const headers = { host: url.host, connection: 'close' };
    resolve(byRequest({ createConnection, path: url.pathname + url.search, headers }));
  });
  request.on('error', reject).end();
});

for (const given of process.argv.slice(2)) {
  const url = new URL(given);
  const isSecure = url.protocol === 'https:';
  const answers = await Promise.all([
    byFetch(url),
    byRequest(url, isSecure ? https : http),
    isSecure ? byTunnel(url) : byRequest({ ...end, path: url.href, headers: { host: url.host } }),
  ]);
  for (const answer of answers) assert.deepStrictEqual(answer, answers[0]);
  const [status, body] = answers[0];
  console.log(`${status} ${body.trim()}`);
}
