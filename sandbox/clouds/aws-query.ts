import { AwsFailure, type AwsProtocol, type AwsReply, denial } from "./aws-wire.ts";

/** The query protocol: a form goes in, XML comes out. Auto Scaling, CloudWatch's older API and STS speak it. */

/** What a reply's XML is made of: an array becomes `<member>`s, a record elements, null nothing. */
export type Xml = string | number | boolean | null | readonly Xml[] | { readonly [name: string]: Xml };

const ESCAPES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
const escaped = (text: string): string => text.replace(/[&<>"]/g, (char) => ESCAPES[char] ?? char);

const isList = (value: Xml): value is readonly Xml[] => Array.isArray(value);

function inner(value: Xml): string {
  if (value === null) return "";
  if (isList(value)) return value.map((item) => `<member>${inner(item)}</member>`).join("");
  if (typeof value !== "object") return escaped(String(value));
  return Object.entries(value)
    .map(([name, item]) => (item === null ? "" : `<${name}>${inner(item)}</${name}>`))
    .join("");
}

const xml = (status: number, body: string): AwsReply => ({ status, headers: { "content-type": "text/xml" }, body });

/** The reply to `action`, in the shape `<ActionResponse><ActionResult>…`. */
export function queryReply(namespace: string, action: string, result: Xml): AwsReply {
  const metadata = `<ResponseMetadata><RequestId>${crypto.randomUUID()}</RequestId></ResponseMetadata>`;
  const body = `<${action}Response xmlns="${namespace}"><${action}Result>${inner(result)}</${action}Result>${metadata}</${action}Response>`;
  return xml(200, body);
}

/** The values of a list parameter, `Name.member.1`, `Name.member.2`, …, in order. */
export function members(form: URLSearchParams, name: string): string[] {
  const values: string[] = [];
  for (let n = 1; ; n++) {
    const value = form.get(`${name}.member.${n}`);
    if (value === null) return values;
    values.push(value);
  }
}

/** The query protocol's refusals, under one service's XML namespace. */
export function queryProtocol(namespace: string): AwsProtocol {
  return {
    failure: ({ status, code, message }) => {
      const error = inner({ Type: status < 500 ? "Sender" : "Receiver", Code: code, Message: message });
      const id = `<RequestId>${crypto.randomUUID()}</RequestId>`;
      return xml(status, `<ErrorResponse xmlns="${namespace}"><Error>${error}</Error>${id}</ErrorResponse>`);
    },
    throttled: new AwsFailure(400, "Throttling", "Rate exceeded"),
    broken: new AwsFailure(500, "InternalFailure", "The request processing has failed because of an unknown error."),
    denied: (action) => new AwsFailure(403, "AccessDenied", denial(action)),
    garbage: xml(200, "<Truncated><Result>"),
  };
}
