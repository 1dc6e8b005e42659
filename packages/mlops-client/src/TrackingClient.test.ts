import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { fromEnvironment } from './index.ts';

const clientOf = (uri: string, more: Record<string, string> = {}) =>
  fromEnvironment({
    MLFLOW_TRACKING_URI: uri,
    MLFLOW_TRACKING_TOKEN: 'secret',
    MLFLOW_EXPERIMENT_ID: '7',
    MLFLOW_RUN_ID: 'abc',
    MLOPS_PROJECT: 'fruit',
    ...more,
  });

async function server(
  answers: (url: string) => { status: number; body: object },
  port = 0,
) {
  const seen: { method: string; url: string; body: string; token?: string }[] =
    [];
  const http = createServer((request, response) => {
    let body = '';
    request.on('data', chunk => (body += chunk));
    request.on('end', () => {
      seen.push({
        method: request.method!,
        url: request.url!,
        body,
        token: request.headers.authorization,
      });
      const { status, body: answer } = answers(request.url!);
      response
        .writeHead(status, { 'content-type': 'application/json' })
        .end(JSON.stringify(answer));
    });
  });
  await new Promise<void>(resolve => http.listen(port, '127.0.0.1', resolve));
  const uri = `http://127.0.0.1:${
    (http.address() as AddressInfo).port
  }/api/mlops`;
  return {
    uri,
    client: clientOf(uri),
    seen,
    close: () => new Promise(resolve => http.close(resolve)),
  };
}

test('metrics go out in batches of at most 1,000 with the token of the run', async () => {
  const { client, seen, close } = await server(() => ({
    status: 200,
    body: {},
  }));
  for (let i = 0; i < 1500; i++) client.metric('loss', i === 3 ? NaN : i, i);
  await client.flush();
  const sizes = seen.map(({ body }) => JSON.parse(body).metrics.length);
  assert.deepEqual(sizes, [1000, 500]);
  assert.equal(JSON.parse(seen[0].body).metrics[3].value, 'NaN');
  assert.ok(
    seen.every(
      ({ token, url }) =>
        token === 'Bearer secret' &&
        url === '/api/mlops/api/2.0/mlflow/runs/log-batch',
    ),
  );
  await close();
});

test('a server that says "later" is asked again; one that says "no" is not', async () => {
  let calls = 0;
  const { client, close } = await server(() =>
    ++calls === 1 ? { status: 503, body: {} } : { status: 200, body: {} },
  );
  await client.setTags({ a: 'b' });
  assert.equal(calls, 2);
  await close();
  const refusing = await server(() => ({
    status: 400,
    body: { error_code: 'INVALID_PARAMETER_VALUE', message: 'Bad key' },
  }));
  await assert.rejects(
    refusing.client.logParams({ x: 1 }),
    /INVALID_PARAMETER_VALUE: Bad key/,
  );
  assert.equal(refusing.seen.length, 1);
  await refusing.close();
});

test('a step of a portal waits for one that is away, and makes nothing twice', async () => {
  const away = await server(() => ({ status: 200, body: {} }));
  const { port } = new URL(away.uri);
  await away.close();
  const client = clientOf(away.uri, { MLOPS_RUN_ID: 'train-1' });
  const logged = client.logMetrics({ loss: 1 }, 3);
  const made = client.startChildRun('one');
  await new Promise(resolve => setTimeout(resolve, 700));
  // It answers before it knows its own routes.
  const calls = new Map<string, number>();
  const back = await server(url => {
    const count = (calls.get(url) ?? 0) + 1;
    calls.set(url, count);
    if (count === 1)
      return { status: 404, body: { error: { name: 'NotFoundError' } } };
    return url.endsWith('create')
      ? { status: 200, body: { run: { info: { run_id: 'child' } } } }
      : { status: 200, body: {} };
  }, Number(port));
  await logged;
  assert.equal((await made).runId, 'child');
  assert.deepEqual([...calls.values()], [2, 2]);
  await back.close();

  const failing = await server(() => ({
    status: 500,
    body: { error_code: 'INTERNAL_ERROR', message: 'x' },
  }));
  await assert.rejects(
    clientOf(failing.uri, { MLOPS_RUN_ID: 'train-1' }).startChildRun('one'),
    /INTERNAL_ERROR/,
  );
  assert.equal(failing.seen.length, 1);
  await failing.close();
});

test('a model is registered under its project, also when it exists already', async () => {
  const { client, seen, close } = await server(url =>
    url.endsWith('registered-models/create')
      ? {
          status: 400,
          body: { error_code: 'RESOURCE_ALREADY_EXISTS', message: 'x' },
        }
      : { status: 200, body: { model_version: { version: '4' } } },
  );
  assert.equal(
    (
      await client.registerModel({
        model: 'ripeness',
        artifactPath: 'models/ripeness',
      })
    ).version,
    '4',
  );
  assert.deepEqual(
    JSON.parse(seen[1].body).source,
    'runs:/abc/models/ripeness',
  );
  assert.equal(JSON.parse(seen[1].body).name, 'fruit.ripeness');
  await close();
});

test('a missing variable is named', () => {
  assert.throws(
    () => fromEnvironment({ MLFLOW_TRACKING_URI: 'http://x' }),
    /MLFLOW_EXPERIMENT_ID is not set/,
  );
});
