// Opened by the runner as host.html#bridge=TOKEN: takes the requests from a WebSocket of this page's server, one after the
// other, and sends each reply as soon as it is there.

import { run } from './host.mjs';

const [, token] = /^#bridge=(\w+)$/.exec(location.hash) ?? [];
if (token) {
  const socket = new WebSocket(`/bridge/${token}`);
  /** What was asked last; the next request waits for it. */
  let last = Promise.resolve();
  socket.addEventListener('message', ({ data }) => {
    last = last.then(async () => {
      try {
        socket.send(JSON.stringify(await run(JSON.parse(data))));
      } catch (error) {
        socket.send(JSON.stringify({ failed: error instanceof Error ? error.message : String(error) }));
      }
    });
  });
}
