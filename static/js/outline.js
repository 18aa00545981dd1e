// The outline of a course: modules and lessons are dragged; their numbers follow.

const form = document.querySelector("[data-outline]");
const EDGE = 50; // pixels
const STEP = 12;
let dragged = null;
let pointer = null;

function rowsOf(list) {
  return [...list.children].filter((row) => row.matches("[data-row]"));
}

function numberAll() {
  for (const list of form.querySelectorAll("[data-list]")) {
    rowsOf(list).forEach((row, number) => {
      const { module, lesson } = row.dataset;
      form.elements[module ? `module-${module}` : `lesson-${lesson}`].value = number;
      if (!lesson) return;
      const place = list.closest("[data-module]").dataset.module;
      form.elements[`lesson-${lesson}-module`].value = place;
    });
  }
}

// A module moves among modules, a lesson into any module.
function listUnder(target) {
  const kind = dragged.dataset.module ? "modules" : "lessons";
  const within = kind === "modules" ? target : (target.closest("[data-module]") ?? target);
  return (
    target.closest(`[data-list=${kind}]`) ?? within.querySelector(`[data-list=${kind}]`)
  );
}

function moveTo(list, height) {
  const next = rowsOf(list).find((row) => {
    const box = row.getBoundingClientRect();
    return row !== dragged && height < box.top + box.height / 2;
  });
  list.insertBefore(dragged, next ?? null);
}

// At the edge of the window the page moves along, also while the pointer rests there.
function follow() {
  if (!dragged) return;
  if (pointer.y < EDGE) scrollBy(0, -STEP);
  if (pointer.y > innerHeight - EDGE) scrollBy(0, STEP);
  const under = document.elementFromPoint(pointer.x, pointer.y);
  const list = under && form.contains(under) ? listUnder(under) : null;
  if (list && !dragged.contains(list)) moveTo(list, pointer.y);
  requestAnimationFrame(follow);
}

function start(event) {
  const handle = event.target.closest("[data-handle]");
  if (!handle || event.button) return;
  event.preventDefault();
  dragged = handle.closest("[data-row]");
  dragged.classList.add("is-dragged");
  drag(event);
  requestAnimationFrame(follow);
}

function drag(event) {
  pointer = { x: event.clientX, y: event.clientY };
}

function drop() {
  if (!dragged) return;
  dragged.classList.remove("is-dragged");
  dragged = null;
  numberAll();
}

if (form) {
  for (const handle of form.querySelectorAll("[data-handle]")) handle.hidden = false;
  form.addEventListener("pointerdown", start);
  // A row that moves lets go of the pointer, which may end outside of the form.
  document.addEventListener("pointermove", drag);
  document.addEventListener("pointerup", drop);
  document.addEventListener("pointercancel", drop);
}
