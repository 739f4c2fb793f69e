import { avatar, el } from "./dom.js";

const MOST = 8;
const BEGUN = /(?:^|[\s(（，。])[@＠]([^\s@＠]{0,32})$/u;

/** `@` and the beginning of a name offers people. The box keeps the focus; arrows, Enter, Tab and Esc are handled here. */
export class Completions {
  constructor({ list, box, candidates, changed }) {
    Object.assign(this, { list, box, candidates, changed });
    this.found = [];
    list.addEventListener("mousedown", (event) => event.preventDefault());
    list.addEventListener("click", (event) => {
      const index = [...list.children].indexOf(event.target.closest("li"));
      if (index >= 0) this.choose(index);
    });
  }

  get open() {
    return !this.list.hidden;
  }

  update() {
    const before = this.box.value.slice(0, this.box.selectionStart);
    const begun = this.box.selectionStart === this.box.selectionEnd && before.match(BEGUN);
    if (!begun) return this.close();
    const wanted = begun[1].toLocaleLowerCase();
    this.from = before.length - begun[1].length;
    const names = this.candidates().filter((user) => user.nickname.toLocaleLowerCase().includes(wanted));
    // A name typed in full needs no help, and Enter then sends.
    if (names.some((user) => user.nickname.toLocaleLowerCase() === wanted)) return this.close();
    names.sort((a, b) => b.nickname.toLocaleLowerCase().startsWith(wanted) - a.nickname.toLocaleLowerCase().startsWith(wanted));
    this.show(names.slice(0, MOST));
  }

  show(found) {
    this.found = found;
    if (!found.length) return this.close();
    this.list.replaceChildren(...found.map((user, index) => this.option(user, index)));
    this.list.hidden = false;
    this.box.setAttribute("aria-controls", this.list.id);
    this.mark(0);
  }

  option(user, index) {
    return el("li", { class: "completion", role: "option", id: `completion-${index}` }, avatar(user, 24), el("span", { dir: "auto" }, user.nickname));
  }

  mark(index) {
    this.index = (index + this.found.length) % this.found.length;
    [...this.list.children].forEach((option, at) => option.setAttribute("aria-selected", String(at === this.index)));
    this.list.children[this.index].scrollIntoView({ block: "nearest" });
    this.box.setAttribute("aria-activedescendant", `completion-${this.index}`);
  }

  close() {
    this.list.hidden = true;
    this.box.removeAttribute("aria-activedescendant");
  }

  /** Answers whether the key was for the list. */
  key(event) {
    if (!this.open) return false;
    if (event.key === "ArrowDown") this.mark(this.index + 1);
    else if (event.key === "ArrowUp") this.mark(this.index - 1);
    else if (event.key === "Enter" || event.key === "Tab") this.choose(this.index);
    else if (event.key === "Escape") this.close();
    else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  }

  choose(index) {
    this.box.setRangeText(`${this.found[index].nickname} `, this.from, this.box.selectionStart, "end");
    this.close();
    this.changed();
  }
}
