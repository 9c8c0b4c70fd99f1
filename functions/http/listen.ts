import { createServer, type RequestListener } from "node:http";
import { createServer as createTlsServer } from "node:https";

export interface Listening {
  readonly url: string;
  /** Ends open connections too, and resolves once the port is free. */
  stop(): Promise<void>;
}

/** A certificate and its key, PEM. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** Where to listen; port 0 lets the system choose. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** An HTTP server, over TLS if it is given a certificate. Rejects when the port is taken or the host is not this machine's. */
export async function listenOn(
  listener: RequestListener,
  { host, port }: Address,
  certificate: Certificate | null = null,
): Promise<Listening> {
  const server =
    certificate === null
      ? createServer(listener)
      : createTlsServer({ cert: certificate.cert, key: certificate.key }, listener);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  const name = host.includes(":") ? `[${host}]` : host;
  return {
    url: `${certificate === null ? "http" : "https"}://${name}:${address.port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** The same on 127.0.0.1. */
export function listenOnLoopback(
  listener: RequestListener,
  port = 0,
  certificate: Certificate | null = null,
): Promise<Listening> {
  return listenOn(listener, { host: "127.0.0.1", port }, certificate);
}
