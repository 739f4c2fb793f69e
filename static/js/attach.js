import { el, icon, loadStyle } from "./dom.js";
import { gettext } from "./i18n.js";
import { byId, fetched } from "./page.js";
import { complain } from "./toasts.js";

const SOON = 10_000;
const carriesFiles = ({ dataTransfer }) => dataTransfer?.types.includes("Files") ?? false;

/**
 * The ways by which files come to the composer: the button, paste, drop, a key. The tray that they wait in is fetched with
 * the first of them, or when somebody is at the page for a while: it may be wanted where there is no line.
 *
 * Events: "changed" (how many there are), "refused" (detail: why one was not taken).
 */
export class Attach extends EventTarget {
  /** `isBarred()` tells whether one may not write now. */
  constructor({ outbox, connection, isBarred }) {
    super();
    Object.assign(this, { outbox, connection, isBarred });
    // A promise while files are on their way into the tray: what is sent meanwhile waits for them.
    this.adding = null;
    this.input = byId("attach-input");
    this.place = byId("room");
    byId("attach").addEventListener("click", () => this.pick());
    this.input.addEventListener("change", () => this.picked());
    document.addEventListener("paste", (event) => this.pasted(event));
    for (const type of ["dragenter", "dragover", "dragleave", "drop"]) document.addEventListener(type, (event) => this.dragged(event));
    for (const type of ["pointerdown", "keydown"]) addEventListener(type, () => this.fetchSoon(), { once: true });
    connection.addEventListener("ready", () => setTimeout(() => this.fetchSoon(), SOON), { once: true });
  }

  fetchSoon() {
    this.fetchTray().catch(() => {});
  }

  fetchTray() {
    this.coming ??= this.makeTray().catch((error) => {
      this.coming = null;
      throw error;
    });
    return this.coming;
  }

  async makeTray() {
    const [{ Tray }, parts] = await Promise.all([fetched("tray", () => import("./tray.js")), this.outbox.parts(), loadStyle("tray")]);
    const tray = new Tray({
      element: byId("tray"), parts, connection: this.connection,
      changed: () => this.dispatchEvent(new Event("changed")),
      refused: (words) => this.dispatchEvent(new CustomEvent("refused", { detail: words })),
    });
    await tray.allowance.load();
    tray.open(this.room);
    this.tray = tray;
    return tray;
  }

  open(room) {
    this.room = room;
    this.tray?.open(room);
  }

  get count() {
    return this.tray?.count ?? 0;
  }

  /** Why the message cannot be sent with what is in the tray, as a sentence; "" if it can. */
  get against() {
    return this.tray?.against ?? "";
  }

  /** The files to send, which then are the outbox's. */
  take() {
    return this.tray?.take() ?? [];
  }

  add(files) {
    if (!files.length || this.isBarred()) return;
    const { room } = this;
    if (this.tray) return this.tray.add(room, files);
    const added = this.fetchTray()
      .then((tray) => tray.add(room, files), (error) => complain(error.code ? error : { code: "unreachable" }))
      .finally(() => this.adding === added && (this.adding = null));
    this.adding = added;
  }

  pick() {
    if (!this.isBarred()) this.input.click();
  }

  picked() {
    const files = [...this.input.files];
    this.input.value = "";
    this.add(files);
    byId("message-text").focus({ preventScroll: true });
  }

  /** A text stays a text, even if a picture of it comes with it, as from a spreadsheet. */
  pasted(event) {
    const { files, types } = event.clipboardData ?? {};
    const isText = types?.includes("text/plain") && (types.includes("text/html") || types.includes("text/rtf"));
    if (!files?.length || isText || document.querySelector("dialog[open]")) return;
    const elsewhere = event.target.closest?.("input, textarea, [contenteditable]");
    if (elsewhere && elsewhere !== byId("message-text")) return;
    event.preventDefault();
    this.add([...files]);
  }

  // Dropping. A file that falls beside the target must not be opened in place of the page.

  dragged(event) {
    if (!carriesFiles(event) || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    const over = !this.isBarred() && this.place.contains(event.target);
    if (event.type === "dragover") event.dataTransfer.dropEffect = over ? "copy" : "none";
    if (event.type === "dragenter") this.showTarget(over);
    if (event.type === "dragleave" && !event.relatedTarget) this.showTarget(false);
    if (event.type !== "drop") return;
    this.showTarget(false);
    if (over) this.add(droppedFiles(event.dataTransfer));
  }

  showTarget(shown) {
    if (shown) this.fetchSoon();
    this.target ??= el("div", { class: "drop-target", hidden: true }, el("p", {}, icon("upload"), el("span", {}, gettext("Drop files here to attach them"))));
    if (!this.target.isConnected) this.place.append(this.target);
    this.target.hidden = !shown;
  }
}

/** What was dropped; a folder as a file that cannot be read, which the tray then says. */
function droppedFiles({ items, files }) {
  const folders = [...items].filter(({ kind }) => kind === "file").map((item) => item.webkitGetAsEntry?.()?.isDirectory ?? false);
  return [...files].map((file, index) => (folders[index] ? Object.assign(file, { isFolder: true }) : file));
}
