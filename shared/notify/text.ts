import type { Notice } from "../model/notice.ts";

/** How a line is written: as it is, or escaped for whoever shows it. */
export type Write = (text: string) => string;

function part(title: string, lines: readonly string[], write: Write): readonly string[] {
  const [first, ...more] = lines.map(write);
  if (first === undefined) return [];
  return more.length === 0 ? [`${title}: ${first}`] : [`${title}:`, ...[first, ...more].map((line) => `• ${line}`)];
}

/** Whom or what a notice is about: `prod / worker-llm`. */
const aboutOf = ({ fleet, workload }: Notice): string => (workload === null ? fleet : `${fleet} / ${workload}`);

/** The first line: on what occasion, of what fleet, and the headline. */
export const titleOf = ({ occasions, fleet, headline }: Notice): string =>
  `[${fleet}] ${occasions.join(", ")}: ${headline}`;

/** Everything below the title, part by part and always in this order: what, why, what to do, where to look further. */
export function partsOf(notice: Notice, write: Write = (text) => text): readonly string[] {
  const { what, why, toDo, command } = notice;
  const parts = [
    [`About: ${write(aboutOf(notice))}`],
    part("What", what, write),
    part("Why", why, write),
    part("To do", toDo.length === 0 ? ["nothing"] : toDo, write),
    [`More: ${write(command)}`],
  ];
  return parts.filter((lines) => lines.length > 0).map((lines) => lines.join("\n"));
}
