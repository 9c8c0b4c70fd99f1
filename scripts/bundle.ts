// `node scripts/bundle.ts [POLICY]`: the functions' bundles alone, and what is in them.
import { BUNDLES, bundleFunctions } from "../infra/bundle/bundle.ts";
import { DEFAULT_POLICY, PolicyRefused, readPolicy } from "../infra/policy.ts";

try {
  const { files } = await readPolicy(process.argv[2] ?? DEFAULT_POLICY);
  const bundles = await bundleFunctions(files);
  console.log(BUNDLES);
  for (const { name, startBytes, bytes, packages } of bundles)
    console.log(`${name}: ${bytes} bytes, ${startBytes} of them at the start\n  ${packages.join(" ")}`);
} catch (error) {
  if (!(error instanceof PolicyRefused)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
