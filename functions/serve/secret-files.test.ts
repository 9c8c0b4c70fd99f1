import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Secrets, SecretUnavailable } from "../../shared/secrets/secrets.ts";
import { createSecretFiles } from "./secret-files.ts";

let folder: string;
let secrets: Secrets;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "vramp-secrets-"));
  mkdirSync(join(folder, "mounted", "prod"), { recursive: true });
  secrets = createSecretFiles(join(folder, "mounted"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const put = (path: string, text: string) => writeFileSync(join(folder, path), text);

describe("secrets in files", () => {
  it("are read by their names, slashes included, without the newline at the end", async () => {
    put("mounted/prod/tokens", "one\ntwo\n");
    expect(await secrets.get("prod/tokens")).toBe("one\ntwo");
    put("mounted/password", " spaces stay \r\n");
    expect(await secrets.get("password")).toBe(" spaces stay ");
  });

  it("are new at once when their file is", async () => {
    put("mounted/tokens", "old");
    await secrets.get("tokens");
    put("mounted/tokens", "new");
    expect(await secrets.get("tokens")).toBe("new");
  });

  it.each([
    ["../outside", /outside/],
    ["prod/../../outside", /outside/],
    [".", /outside/],
    ["missing", /missing cannot be read from .*ENOENT/],
    ["prod", /EISDIR/],
    ["empty", /is empty/],
  ])("%s is refused", async (name, message) => {
    put("outside", "secret");
    put("mounted/empty", "\n");
    await expect(secrets.get(name)).rejects.toBeInstanceOf(SecretUnavailable);
    await expect(secrets.get(name)).rejects.toThrow(message);
  });
});
