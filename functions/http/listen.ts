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

/**
 * An HTTP server on 127.0.0.1, over TLS if it is given a certificate; port 0 lets the system choose. Rejects when the port is
 * taken.
 */
export async function listenOnLoopback(
  listener: RequestListener,
  port = 0,
  certificate: Certificate | null = null,
): Promise<Listening> {
  const server =
    certificate === null
      ? createServer(listener)
      : createTlsServer({ cert: certificate.cert, key: certificate.key }, listener);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return {
    url: `${certificate === null ? "http" : "https"}://127.0.0.1:${address.port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
