/*
 * The deep import leaves the beta API and its descriptors out: the package's root is three times as large and twice as slow
 * to load. It is re-exported here because a bundler that splits gives a dynamic import of CommonJS no named exports.
 */
export { ClusterManagerClient } from "@google-cloud/container/build/src/v1/index.js";
