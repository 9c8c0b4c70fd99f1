import { Document } from "yaml";

/**
 * YAML text for data. `compat` quotes whatever YAML 1.1 would read as something other than a string (`on`, `1:30`),
 * because Alertmanager reads 1.1; lines are never folded, because expressions keep theirs.
 */
export function toYaml(data: unknown, comment: readonly string[]): string {
  const document = new Document(data, { aliasDuplicateObjects: false, compat: "yaml-1.1" });
  document.commentBefore = comment.map((line) => ` ${line}`).join("\n");
  return document.toString({ lineWidth: 0 });
}
