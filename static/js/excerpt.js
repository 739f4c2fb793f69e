import { sanitisedByServer } from "./dom.js";

const LONGEST = 120;

/** The beginning of a message on one line, as a reply quotes it: without markup. The server cuts by the same rule. */
export function excerpt({ body = "", html }) {
  const plain = html ? sanitisedByServer(html).textContent : body;
  const line = [...plain.trim().replace(/\s+/g, " ")];
  return line.length > LONGEST ? `${line.slice(0, LONGEST - 1).join("")}…` : line.join("");
}
