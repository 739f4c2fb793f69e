// What the server put into the page.
export const page = JSON.parse(document.getElementById("state")?.textContent ?? "{}");

export const byId = (id) => document.getElementById(id);

export const onTouch = () => matchMedia("(hover: none) and (pointer: coarse)").matches;

export const onPhone = () => matchMedia("(max-width: 719px)").matches;

export const AT_DESK = "(min-width: 1024px)";

export const atDesk = () => matchMedia(AT_DESK).matches;
