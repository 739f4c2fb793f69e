import { download } from "./attachments.js";
import { fullLabel } from "./dates.js";
import { el, icon, iconButton, loadStyle } from "./dom.js";
import { gettext, interpolate } from "./i18n.js";

const SWIPE = 48;
const KEYS = { ArrowLeft: -1, PageUp: -1, ArrowRight: 1, PageDown: 1, Home: -Infinity, End: Infinity };

/**
 * Pictures one at a time over the whole page. `pictures`: [{file: ATTACHMENT, author: USER, created_at, room, seq}], in the
 * order in which one goes through them; `at` is the one to begin with; `go(picture)` leads to its message.
 */
export async function openViewer({ pictures, at, go }) {
  await loadStyle("viewer");
  new Viewer(pictures, go).show(at);
}

class Viewer {
  constructor(pictures, go) {
    Object.assign(this, { pictures, go });
    this.before = document.activeElement;
    this.stage = el("div", { class: "viewer-stage" });
    this.name = el("b", { class: "file-name", dir: "auto" });
    this.note = el("span", { class: "viewer-note" });
    this.tools = el("span", { class: "viewer-tools" });
    this.previous = iconButton("back", gettext("Previous picture"), { class: "viewer-step previous", onclick: () => this.step(-1) });
    this.next = iconButton("chevron-right", gettext("Next picture"), { class: "viewer-step next", onclick: () => this.step(1) });
    const words = el("p", { class: "viewer-words", role: "status" }, this.name, this.note);
    this.dialog = el("dialog", { class: "viewer", "aria-label": gettext("Pictures") }, el("header", { class: "viewer-head" }, words, this.tools), this.stage, this.previous, this.next);
    this.dialog.addEventListener("keydown", (event) => this.key(event));
    this.dialog.addEventListener("close", () => this.closed());
    this.stage.addEventListener("click", (event) => event.target === this.stage && this.dialog.close());
    this.listenToSwipes();
    document.body.append(this.dialog);
    this.dialog.showModal();
  }

  show(index) {
    this.index = index;
    const picture = this.pictures[index];
    const { file, author, created_at: at } = picture;
    this.name.textContent = file.name;
    const place = this.pictures.length > 1 ? interpolate(gettext("%(place)s of %(all)s"), { place: index + 1, all: this.pictures.length }) : "";
    this.note.textContent = [author.nickname, fullLabel(at), place].filter(Boolean).join(" · ");
    const close = iconButton("close", gettext("Close"), { onclick: () => this.dialog.close() });
    const lead = iconButton("chat", gettext("Show the message"), { onclick: () => (this.dialog.close(), this.go(picture)) });
    this.tools.replaceChildren(lead, download(file), close);
    this.previous.hidden = index === 0;
    this.next.hidden = index === this.pictures.length - 1;
    // Keys are heard where the focus is: it must not be lost with a button that goes.
    const focused = document.activeElement;
    if (focused.hidden || !this.dialog.contains(focused) || focused === this.dialog) close.focus({ preventScroll: true });
    this.stage.replaceChildren(this.image(file));
    for (const near of [index + 1, index - 1]) if (this.pictures[near]) new Image().src = this.pictures[near].file.url;
  }

  /** Behind a picture that is still coming stands its small one, in the same place. */
  image(file) {
    const image = el("img", { class: "viewer-image", src: file.url, alt: file.name, width: file.width, height: file.height, draggable: "false" });
    if (file.thumb_url && !file.animated) image.style.backgroundImage = `url("${encodeURI(decodeURI(file.thumb_url))}")`;
    image.addEventListener("load", () => (image.style.backgroundImage = ""));
    image.addEventListener("error", () => image.replaceWith(el("p", { class: "viewer-broken" }, icon("image"), el("span", {}, gettext("This picture cannot be shown now.")))));
    return image;
  }

  step(by) {
    const index = Math.max(0, Math.min(this.pictures.length - 1, this.index + by));
    if (index === this.index) return;
    this.show(index);
  }

  key(event) {
    const by = KEYS[event.key];
    if (!by || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    this.step(by);
  }

  /** To the side for another, down or up to put it away. With two fingers one looks closer. */
  listenToSwipes() {
    let from = null;
    this.stage.addEventListener("touchstart", ({ touches }) => (from = touches.length === 1 ? touches[0] : null), { passive: true });
    this.stage.addEventListener("touchend", ({ changedTouches: [to] }) => {
      if (!from || (visualViewport?.scale ?? 1) > 1.05) return;
      const [right, down] = [to.clientX - from.clientX, to.clientY - from.clientY];
      from = null;
      if (Math.abs(right) > SWIPE && Math.abs(right) > Math.abs(down)) this.step(right > 0 ? -1 : 1);
      else if (Math.abs(down) > SWIPE * 2) this.dialog.close();
    }, { passive: true });
  }

  closed() {
    this.dialog.remove();
    if (this.before?.isConnected) this.before.focus({ preventScroll: true });
  }
}
