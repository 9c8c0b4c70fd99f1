import type { AgentPool } from "@azure/arm-containerservice";

/**
 * A pool as it was read, fit to be sent back. AKS has no PATCH, and what a PUT leaves out of the writable settings may fall
 * back to a default. Left out is only what the server owns, or what means an order when sent:
 */
export function sendable(pool: AgentPool): AgentPool {
  const {
    // "Setting this value triggers an agentPool rollback."
    nodeImageVersion: _rollback,
    // Would order an upgrade if the pool is behind what was asked for earlier, or a downgrade if it was upgraded meanwhile.
    orchestratorVersion: _upgrade,
    currentOrchestratorVersion: _currentVersion,
    // Running would start a pool that someone stopped since it was read.
    powerState: _start,
    // The server's own account of the pool.
    provisioningState: _state,
    status: _status,
    virtualMachineNodesStatus: _nodes,
    eTag: _eTag,
    systemData: _systemData,
    ...settings
  } = pool;
  return settings;
}
