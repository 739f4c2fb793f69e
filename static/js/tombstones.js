import { el } from "./dom.js";
import { gettext, interpolate, ngettext } from "./i18n.js";

// Fewer stand for themselves.
const FEWEST = 3;

const isTombstone = (message) => Boolean(message.deleted_at) && message.kind !== "system";

/**
 * Folds runs of deleted messages into one line each. Their articles stay where they are, put away: whoever looks for one
 * by its id finds it, and `open(seq)` shows it.
 */
export class Tombstones {
  /** `toggled(line, change)` has `change()` done, which opens or closes the run of a line. */
  constructor({ toggled }) {
    this.toggled = toggled;
    this.opened = new Set();
    this.clear();
  }

  clear() {
    this.lines = new Map();
    this.hiddenBy = new Map();
    this.starts = new Set();
  }

  /**
   * Fold anew. `rows`: `{message, article, isApart}` in order; no run goes on over a message that `isApart()`, with a line above it.
   * Answers with the seqs of messages that begin a group now and did not before, or the other way round.
   */
  fold(rows) {
    const runs = runsOf(rows);
    if (!runs.length && !this.lines.size) return [];
    const before = this.starts;
    const lines = new Map(runs.map((run) => [run[0].message.seq, this.lineFor(run)]));
    const kept = new Set(lines.values());
    for (const line of this.lines.values()) if (!kept.has(line)) line.remove();
    this.lines = lines;
    this.put(rows, runs);
    return [...new Set([...before, ...this.starts])].filter((seq) => before.has(seq) !== this.starts.has(seq));
  }

  /** Put away what is in a closed run, and show the rest. The focus goes over to the line. */
  put(rows, runs) {
    this.starts = new Set();
    this.hiddenBy = new Map();
    for (const run of runs) {
      const [{ message, article }] = run;
      const line = this.lines.get(message.seq);
      if (line.nextSibling !== article) article.before(line);
      this.starts.add(message.seq);
      if (this.isOpen(run)) continue;
      const next = rows[run.at + run.length];
      if (next) this.starts.add(next.message.seq);
      for (const one of run) this.hiddenBy.set(one.article, line);
    }
    for (const { article } of rows) {
      const line = this.hiddenBy.get(article);
      if (line && article.contains(document.activeElement)) line.querySelector("button").focus({ preventScroll: true });
      article.hidden = Boolean(line);
    }
  }

  isOpen(run) {
    return run.some(({ message }) => this.opened.has(message.seq));
  }

  /** The line of a run: the one that was there, where any of it had one. */
  lineFor(run) {
    const line = run.map(({ message }) => this.lines.get(message.seq)).find(Boolean) ?? this.makeLine();
    const isOpen = this.isOpen(run);
    line.seqs = run.map(({ message }) => message.seq);
    // What says the same already is not touched: it would be read out again.
    const says = `${run.length} ${isOpen}`;
    if (line.dataset.says === says) return line;
    line.dataset.says = says;
    const [words, button] = line.children;
    words.textContent = interpolate(ngettext("%s message deleted", "%s messages deleted", run.length), [run.length]);
    button.textContent = isOpen ? gettext("Hide") : gettext("Show");
    button.setAttribute("aria-expanded", String(isOpen));
    button.setAttribute("aria-label", `${button.textContent}: ${words.textContent}`);
    return line;
  }

  makeLine() {
    const line = el("div", { class: "deleted-run" }, el("span", { class: "trace" }), el("button", { type: "button", class: "text-button", onclick: () => this.toggled(line, () => this.toggle(line.seqs)) }));
    return line;
  }

  toggle(seqs) {
    const isOpen = seqs.some((seq) => this.opened.has(seq));
    for (const seq of seqs) this.opened[isOpen ? "delete" : "add"](seq);
  }

  /** Have the message `seq` shown from now on. Answers whether it was put away. */
  open(seq, article) {
    if (!article?.hidden) return false;
    this.opened.add(seq);
    return true;
  }
}

/** Each run as an array of rows, with the index of its first as `at`. */
function runsOf(rows) {
  const runs = [];
  let run = [];
  const end = () => {
    if (run.length >= FEWEST) runs.push(run);
    run = [];
  };
  rows.forEach((row, index) => {
    if (!isTombstone(row.message)) return end();
    if (run.length && row.isApart()) end();
    if (!run.length) run.at = index;
    run.push(row);
  });
  end();
  return runs;
}
