import { table } from "./lint.fixture.ts";

table("metric sources", [
  [
    "credentials over http [T9]",
    ["https://prom.example", "http://prom.example"],
    ["error sources.prom.prometheus.url: credentials would be sent over plain http"],
  ],
  ["credentials over http on this machine", ["https://prom.example", "http://127.0.0.1:9090"], []],
  ["http without credentials", ['https://prom.example", auth: google', 'http://prom.example"'], []],
  [
    "a password in the URL [T25]",
    ["https://prom", "https://me:secret@prom"],
    ["error sources.prom.prometheus.url: the URL holds a user name or password"],
  ],
]);
