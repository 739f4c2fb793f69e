// A classic script in the head, so that the page is never painted in the wrong colours first.
(() => {
  const root = document.documentElement;
  let kept = {};
  try {
    kept = { theme: localStorage.getItem("theme"), people: localStorage.getItem("people") };
    // The line for those who are here for the first time, which the server paints for new accounts.
    if (Object.keys(localStorage).some((key) => key.startsWith("welcomed "))) root.dataset.welcomed = "";
  } catch {
    // Storage may be forbidden; the system's colours will do.
  }
  if (kept.theme === "light" || kept.theme === "dark") root.dataset.theme = kept.theme;
  const atDesk = matchMedia("(min-width: 1024px)").matches;
  root.dataset.people = atDesk ? kept.people || "open" : "closed";
})();
