// The WebSocket between the adapter and the page that it opens: no other page, and no other program, is let in.

import { randomBytes } from 'node:crypto';

import { WebSocketServer } from 'ws';

import { MAX_LINE_LENGTH } from '../javascript/conformance/bytes.mjs';

/**
 * @param {import('./http.mjs').LocalServer} server
 * @returns {{ page: string, connected: Promise<import('ws').WebSocket> }} the page to open, at a URL with a token in it,
 *   and its socket; once it is connected, nothing else can be
 */
export function openBridge(server) {
  const token = randomBytes(32).toString('hex');
  const sockets = new WebSocketServer({
    server: server.http,
    path: `/bridge/${token}`,
    maxPayload: MAX_LINE_LENGTH,
    /** @type {import('ws').VerifyClientCallbackSync} */
    verifyClient: ({ origin, req }) => origin === server.origin && server.isForUs(req),
  });
  return {
    // What comes after the # is sent to no server, and is in no log.
    page: `${server.origin}/host.html#bridge=${token}`,
    connected: new Promise((resolve) => {
      sockets.once('connection', (socket) => {
        sockets.close();
        resolve(socket);
      });
    }),
  };
}
