/*
 * The small cluster as a process: an API server over TLS, a bucket, and a plain port for tests to turn switches and read what was
 * called. Prints one line of JSON when it answers. Arguments: a folder of its own, and the folder of the GitOps repository.
 */
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { Api } from './Api.ts';
import { Controller } from './Controller.ts';
import { CronController } from './CronController.ts';
import { FolderBucket } from './FolderBucket.ts';
import { Objects } from './objects.ts';
import { Player } from './Player.ts';
import { PodLogs } from './PodLogs.ts';
import { generate, LocalStepRunner } from './rooms.ts';
import { serveS3 } from './S3.ts';

const listen = (server: http.Server) =>
  new Promise<number>(resolve =>
    server.listen(0, '127.0.0.1', () =>
      resolve((server.address() as AddressInfo).port),
    ),
  );

async function main() {
  const [folder, repository] = process.argv.slice(2);
  const objects = new Objects();
  const logs = new PodLogs();
  const token = randomBytes(16).toString('hex');
  const api = new Api(objects, logs, token);
  const bucket = new FolderBucket(path.join(folder, 'bucket'));
  const settings = { podsLiveMs: 60_000 };
  const controller = new Controller({
    objects,
    logs,
    folder: path.join(folder, 'pods'),
    get podsLiveMs() {
      return settings.podsLiveMs;
    },
    runner: new LocalStepRunner({
      artifacts: bucket,
      environments: [{ images: ['*'], mounts: [] }],
      fetchGit: async (_repo, revision, target) => {
        mkdirSync(target, { recursive: true });
        execFileSync('sh', [
          '-c',
          'git --git-dir "$0" archive "$1" | tar -x -C "$2"',
          repository,
          revision ?? 'main',
          target,
        ]);
      },
    }),
  });
  // eslint-disable-next-line no-new
  new CronController(objects);
  const player = new Player(objects, logs);
  const certificate = generate([{ name: 'commonName', value: 'cluster' }], {
    algorithm: 'sha256',
    keySize: 2048,
    extensions: [
      { name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] },
    ],
  });
  const server = https.createServer(
    { key: certificate.private, cert: certificate.cert },
    (request, response) => void api.serve(request, response),
  );
  const s3 = http.createServer((request, response) => {
    serveS3(bucket, request, response).catch(() => response.destroy());
  });
  const control = http.createServer((request, response) => {
    let text = '';
    request.on('data', piece => (text += piece));
    request.on('end', () => {
      const body = text ? JSON.parse(text) : {};
      const answer = act(request.url!.slice(1), body);
      response.end(JSON.stringify(answer ?? {}));
    });
  });
  const act = (what: string, body: any): unknown => {
    switch (what) {
      case 'switches':
        if (body.podsLiveMs !== undefined)
          settings.podsLiveMs = body.podsLiveMs;
        if (body.unheard !== undefined) controller.unheard = body.unheard;
        if (body.collector !== undefined) objects.hasCollector = body.collector;
        api.switches.set(body);
        return { version: objects.newest };
      case 'reset-watches':
        return api.watches.reset();
      case 'compact':
        objects.oldest = objects.newest + 1;
        return api.watches.reset();
      case 'calls':
        return api.calls.splice(0);
      case 'create':
        return objects.create(body.resource, body.namespace, body.object);
      case 'replace':
        return objects.replace(
          body.resource,
          body.namespace,
          body.object.metadata.name,
          body.object,
        );
      case 'delete':
        return objects.delete(body.resource, body.namespace, body.name);
      case 'list':
        return objects.list(body.resource, body.namespace, () => true);
      case 'play':
        player
          .play(body)
          .catch(error =>
            process.stderr.write(`${body.name}: ${error.stack}\n`),
          );
        return undefined;
      case 'log':
        return logs.write(body.pod, body.text);
      default:
        throw new Error(`unknown wish ${what}`);
    }
  };
  const [port, s3Port, controlPort] = [
    await listen(server),
    await listen(s3),
    await listen(control),
  ];
  process.stdout.write(
    `${JSON.stringify({
      url: `https://127.0.0.1:${port}`,
      token,
      caData: Buffer.from(certificate.cert).toString('base64'),
      s3: `http://127.0.0.1:${s3Port}`,
      control: `http://127.0.0.1:${controlPort}`,
    })}\n`,
  );
  // Ends with whoever started it.
  process.stdin.resume();
  process.stdin.once('end', () => process.exit(0));
}

main().catch(error => {
  process.stderr.write(`${error.stack}\n`);
  process.exit(1);
});
