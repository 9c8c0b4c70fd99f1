import type { YAMLError } from "yaml";

interface Words {
  readonly message: string;
  readonly why?: string;
  readonly fix?: string;
}

/** A parser's complaint in words that say what to do. Codes not listed keep the parser's own sentence. */
export function explainSyntax(problem: YAMLError, text: string): Words {
  const [from, to] = problem.pos;
  switch (problem.code) {
    case "TAG_RESOLVE_FAILED":
      return {
        message: `the tag \`${text.slice(from, to)}\` is not allowed`,
        fix: "remove it: a policy is plain data",
      };
    case "TAB_AS_INDENT":
      return { message: "a tab stands in the indentation", fix: "indent with spaces" };
    case "MULTIPLE_DOCS":
      return { message: "a second document starts here", fix: "one file holds one policy: split it at `---`" };
    case "MULTILINE_IMPLICIT_KEY":
    case "MISSING_CHAR":
    case "BAD_INDENT":
      return {
        message: sentence(problem),
        fix: "check the indentation, brackets and quotes of this line and the one above",
      };
    default:
      return { message: sentence(problem) };
  }
}

/** What is wrong with a key that stands twice in one map, what to do, and why. */
export const repeatedKey = (key: string): [message: string, fix: string, why: string] => [
  `\`${key}\` stands here twice`,
  "keep one",
  "only one of the two could count",
];

const sentence = ({ message }: YAMLError): string => `not valid YAML: ${message}`;
