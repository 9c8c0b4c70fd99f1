import { createServer, type RequestListener } from "node:http";

export interface Listening {
  readonly url: string;
  /** Ends open connections too, and resolves once the port is free. */
  stop(): Promise<void>;
}

/** An HTTP server on 127.0.0.1; port 0 lets the system choose. Rejects when the port is taken. */
export async function listenOnLoopback(listener: RequestListener, port = 0): Promise<Listening> {
  const server = createServer(listener);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server listens on no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
