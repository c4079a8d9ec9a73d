import type { IncomingMessage, ServerResponse } from 'node:http';
import type { WatchOutput } from './watch-writer.ts';

/**
 * Where a watch writes once its headers are sent: over HTTP/1.1 straight to the socket, in chunks that all watches share,
 * which is most of what an event costs with a thousand watches.
 */
export function watchOutput(request: Pick<IncomingMessage, 'httpVersion'>, response: ServerResponse): WatchOutput {
  const { socket } = response;
  if (request.httpVersion !== '1.1' || !socket) {
    return {
      isChunked: false,
      write: (bytes) => response.write(bytes),
      on: (event, listener) => response.on(event, listener),
      end: () => response.end(),
      destroy: () => response.destroy(),
    };
  }
  return {
    isChunked: true,
    write: (bytes) => socket.write(bytes),
    on(event, listener) {
      socket.on(event, listener);
      // The connection may serve other requests after this watch.
      response.once('close', () => socket.off(event, listener));
    },
    end: () => response.end(),
    destroy: () => response.destroy(),
  };
}
