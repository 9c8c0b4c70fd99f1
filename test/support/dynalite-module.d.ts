declare module "dynalite" {
  import type { Server } from "node:http";
  /** A DynamoDB in memory. `createTableMs`: how long a new table takes to become active, in milliseconds. */
  export default function dynalite(options: { readonly createTableMs?: number }): Server;
}
