import { el } from "./dom.js";
import { sentenceOf } from "./fields.js";
import { gettext } from "./i18n.js";

const PAUSE = 200;
const SLOW = 500;

/**
 * A list that is searched by `field`, and comes page by page as one scrolls to its end.
 *
 * `fetchPage({q, offset})` answers `{items, next}`; `row(item)` makes an `li`; `nothing(q)` says why there is none.
 * Answers `{parts, reload}`: what to put into the page, and how to begin anew.
 */
export function pagedList({ field, fetchPage, row, nothing, ...attributes }) {
  const list = el("ul", attributes);
  const status = el("p", { class: "empty-note", role: "status" });
  const more = el("button", { type: "button", class: "button wide", hidden: true, onclick: () => load(next) });
  // It asks for the next page by itself as soon as it can be seen, but not again and again where that fails.
  const sight = new IntersectionObserver(([{ isIntersecting }]) => isIntersecting && load(next));
  let next = 0;
  let turns = 0;
  let timer;

  const load = async (offset) => {
    const turn = (turns += 1);
    const q = field.input.value.trim();
    sight.disconnect();
    list.setAttribute("aria-busy", "true");
    // Not what an earlier question had for an answer; and nothing where the answer is quick.
    const waiting = setTimeout(() => turn === turns && say(gettext("Searching…")), list.children.length ? SLOW : 0);
    try {
      const page = await fetchPage({ q, offset });
      if (turn === turns) draw(page, { q, offset });
    } catch (error) {
      if (turn === turns) fail(error, offset);
    } finally {
      clearTimeout(waiting);
    }
  };
  const say = (text) => (status.textContent = text);
  const draw = (page, { q, offset }) => {
    const rows = page.items.map(row);
    if (offset) list.append(...rows);
    else list.replaceChildren(...rows);
    list.removeAttribute("aria-busy");
    say(list.children.length ? "" : nothing(q));
    offer(page.next, gettext("Show more"));
    if (!more.hidden) sight.observe(more);
  };
  const fail = (error, offset) => {
    say(sentenceOf(error));
    offer(offset, gettext("Try again"));
  };
  const offer = (offset, label) => {
    next = offset;
    more.hidden = next === null;
    more.textContent = label;
  };
  field.input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => load(0), PAUSE);
  });
  load(0);
  return { parts: [list, status, more], reload: () => load(0) };
}
