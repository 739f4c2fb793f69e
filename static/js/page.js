// What the server put into the page.
export const page = JSON.parse(document.getElementById("state")?.textContent ?? "{}");

export const byId = (id) => document.getElementById(id);

export const onTouch = () => matchMedia("(hover: none) and (pointer: coarse)").matches;

export const onPhone = () => matchMedia("(max-width: 719px)").matches;

export const atDesk = () => matchMedia("(min-width: 1024px)").matches;
