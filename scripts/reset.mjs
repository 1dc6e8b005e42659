/* `npm run reset`: forgets all state of the portal (`.data`), so that the next start is a first one. */
import fs from 'node:fs';
import net from 'node:net';
import { dataFolder } from './lib/paths.mjs';
import { findUser, portNumber } from './lib/portal.mjs';
import { Trouble, endWith, say } from './lib/say.mjs';

async function main() {
  const user = findUser();
  if (user)
    throw new Trouble(
      `A portal on port ${user.port} (process ${user.pid}) uses ${dataFolder}. Stop it first (Ctrl-C), then run npm run reset again.`,
    );
  const port = portNumber('PORT', 7007);
  if (await answers(port))
    throw new Trouble(
      `Something listens on port ${port}. Stop the portal first (Ctrl-C), then run npm run reset again.`,
    );
  fs.rmSync(dataFolder, { recursive: true, force: true });
  say('All state of the portal is gone. npm start makes it anew.');
}

function answers(port) {
  return new Promise(resolve => {
    const socket = net.connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

main().catch(endWith);
