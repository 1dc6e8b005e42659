import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { fromEnvironment } from './index.ts';

async function server(
  answers: (url: string) => { status: number; body: object },
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
  await new Promise<void>(resolve => http.listen(0, '127.0.0.1', resolve));
  const uri = `http://127.0.0.1:${
    (http.address() as AddressInfo).port
  }/api/mlops`;
  const client = fromEnvironment({
    MLFLOW_TRACKING_URI: uri,
    MLFLOW_TRACKING_TOKEN: 'secret',
    MLFLOW_EXPERIMENT_ID: '7',
    MLFLOW_RUN_ID: 'abc',
    MLOPS_PROJECT: 'fruit',
  });
  return {
    client,
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
