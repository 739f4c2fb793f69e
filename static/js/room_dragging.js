/** Rooms put in order by dragging, each within its list; `place(id, onto)` is called when one is dropped on another. */
export function watchDragging(lists, place) {
  let dragged = null;
  let marked = null;
  const mark = (item, side) => {
    if (marked) delete marked.dataset.drop;
    marked = item;
    if (item) item.dataset.drop = side;
  };
  lists.addEventListener("dragstart", (event) => {
    dragged = event.target.closest?.("[data-room]");
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", "");
    dragged?.classList.add("dragged");
  });
  lists.addEventListener("dragover", (event) => {
    const onto = targetOf(event, dragged);
    mark(onto, onto && sideOf(dragged, onto));
    if (onto) event.preventDefault();
  });
  lists.addEventListener("drop", (event) => {
    const onto = targetOf(event, dragged);
    event.preventDefault();
    if (onto) place(Number(dragged.dataset.room), Number(onto.dataset.room));
  });
  lists.addEventListener("dragend", () => {
    mark(null);
    dragged?.classList.remove("dragged");
    dragged = null;
  });
}

function targetOf({ target }, dragged) {
  const onto = target.closest("[data-room]");
  return dragged && onto !== dragged && onto?.parentNode === dragged.parentNode ? onto : null;
}

/** It takes the place of the one it is dropped on, which makes way towards where it came from. */
function sideOf(dragged, onto) {
  return dragged.compareDocumentPosition(onto) & Node.DOCUMENT_POSITION_FOLLOWING ? "after" : "before";
}
