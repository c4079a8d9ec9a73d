import type { Http2SecureServer, ServerHttp2Session } from 'node:http2';
import type { Socket } from 'node:net';
import type { ServerLimits } from './load-limits.ts';

interface Session {
  readonly since: number;
  open: number;
  /** When the last request ended; absent before the first. */
  idleSince?: number;
}

/**
 * The connections of a server. An HTTP/2 session over which no request comes is closed, whatever bytes dribble in: shortly
 * when it never had one, later when it is kept for more. Of HTTP/1.1 Node takes care by itself.
 */
export class Connections {
  readonly #sockets = new Set<Socket>();
  readonly #sessions = new Map<ServerHttp2Session, Session>();
  readonly #limits: ServerLimits;
  readonly #sweeper: NodeJS.Timeout;

  constructor(server: Http2SecureServer, limits: ServerLimits) {
    this.#limits = limits;
    server.on('secureConnection', (socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    server.on('session', (session) => this.#follow(session));
    this.#sweeper = setInterval(() => this.#sweep(), Math.max(20, limits.headMs / 4));
    this.#sweeper.unref();
  }

  close(): void {
    clearInterval(this.#sweeper);
    for (const socket of this.#sockets) socket.destroy();
  }

  #follow(session: ServerHttp2Session): void {
    const state: Session = { since: Date.now(), open: 0 };
    this.#sessions.set(session, state);
    session.once('close', () => this.#sessions.delete(session));
    session.on('stream', (stream) => {
      state.open++;
      stream.once('close', () => {
        state.open--;
        state.idleSince = Date.now();
      });
    });
    // What a client does wrong ends its own session only.
    session.on('error', () => undefined);
  }

  #sweep(): void {
    const now = Date.now();
    const { headMs, idleMs } = this.#limits;
    for (const [session, { open, idleSince, since }] of this.#sessions) {
      if (open > 0) continue;
      const isIdle = idleSince === undefined ? now - since > headMs : now - idleSince > idleMs;
      if (isIdle) session.destroy();
    }
  }
}
