import { el, typeInto } from "./dom.js";
import { gettext, interpolate, ngettext } from "./i18n.js";

const MOST = 8;

/**
 * A list of what the word at the cursor may become. The box keeps the focus; arrows, Enter, Tab and Esc are handled here.
 *
 * A source has `begun` (a pattern that matches the text before the cursor, its last group what to replace) and
 * `find(wanted, match)`, an async generator that yields lists of choices `{insert, view, isWhole}`, what is known at
 * once first and more of it later: what takes the place of that group, the nodes that are shown, and whether it is typed
 * in full, so that Enter is for the box. The first source whose pattern matches is asked; at most `most` choices (8) are
 * shown. What was found for another text must not stay: somebody who types quickly would choose it.
 */
export class Completions {
  /** `loadSources()` answers with the sources, once something is typed; `changed()` is called when a choice is put in. */
  constructor({ list, status, box, loadSources, changed }) {
    Object.assign(this, { list, status, box, loadSources, changed });
    this.sources = [];
    this.found = [];
    this.asked = 0;
    box.setAttribute("aria-autocomplete", "list");
    box.setAttribute("aria-haspopup", "listbox");
    box.setAttribute("aria-controls", list.id);
    list.addEventListener("mousedown", (event) => event.preventDefault());
    list.addEventListener("click", (event) => {
      const index = [...list.children].indexOf(event.target.closest("li"));
      if (index >= 0) this.choose(index);
    });
  }

  get open() {
    return !this.list.hidden;
  }

  /** What the cursor stands behind: `[source, match]`, or null. */
  begun() {
    const { selectionStart: at, selectionEnd, value } = this.box;
    if (at !== selectionEnd) return null;
    const before = value.slice(0, at);
    for (const source of this.sources) {
      const match = before.match(source.begun);
      if (match) return [source, match];
    }
    return null;
  }

  /** Where the sources can't be had now, the next thing that is typed asks for them again. */
  async load() {
    this.isLoading = true;
    this.sources = await this.loadSources().catch(() => []);
    this.isLoading = false;
    if (this.sources.length && document.activeElement === this.box) this.update();
  }

  async update() {
    if (!this.sources.length && this.box.value && !this.isLoading) this.load();
    this.asked += 1;
    const { asked } = this;
    const begun = this.begun();
    if (!begun) return this.close();
    const [source, match] = begun;
    const wanted = match.at(-1);
    this.from = this.box.selectionStart - wanted.length;
    let isFirst = true;
    for await (const found of source.find(wanted, match)) {
      // Meanwhile something else may have been typed, or the list been closed.
      if (asked !== this.asked) return;
      this.show(found.slice(0, source.most ?? MOST), isFirst ? 0 : this.index);
      isFirst = false;
    }
  }

  show(found, marked) {
    this.found = found;
    if (!found.length) return this.hide();
    this.list.replaceChildren(...found.map(({ view }, index) => el("li", { class: "completion", role: "option", id: `completion-${index}` }, view)));
    this.list.hidden = false;
    const text = ngettext("%s suggestion", "%s suggestions", found.length);
    this.status.textContent = interpolate(text, [found.length]);
    this.mark(marked);
  }

  mark(index) {
    this.index = (index + this.found.length) % this.found.length;
    [...this.list.children].forEach((option, at) => option.setAttribute("aria-selected", String(at === this.index)));
    this.list.children[this.index].scrollIntoView({ block: "nearest" });
    this.box.setAttribute("aria-activedescendant", `completion-${this.index}`);
  }

  close() {
    this.asked += 1;
    this.hide();
  }

  hide() {
    this.index = 0;
    this.list.hidden = true;
    this.status.textContent = "";
    this.box.removeAttribute("aria-activedescendant");
  }

  /** Answers whether the key was for the list. */
  key(event) {
    if (!this.open || event.shiftKey || event.altKey || event.ctrlKey || event.metaKey) return false;
    if (event.key === "ArrowDown") this.mark(this.index + 1);
    else if (event.key === "ArrowUp") this.mark(this.index - 1);
    else if (event.key === "Enter" && this.found[this.index].isWhole) return this.close() ?? false;
    else if (event.key === "Enter" || event.key === "Tab") this.choose(this.index);
    else if (event.key === "Escape") this.close();
    else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  }

  choose(index) {
    typeInto(this.box, this.found[index].insert, this.from, this.box.selectionStart);
    this.close();
    this.changed();
  }
}
