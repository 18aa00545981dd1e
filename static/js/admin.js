// What Django's and others' widgets leave without a name gets the name that one sees.

let count = 0;

function named(element) {
  element.id ||= `admin-name-${(count += 1)}`;
  return element.id;
}

// The rich text editors replace their text fields: give them the labels of those.
function nameEditor(editor) {
  const label = editor.closest(".form-row, .flex-container, .fieldBox")?.querySelector("label");
  if (!label) return;
  editor.setAttribute("aria-labelledby", named(label));
  editor.setAttribute("aria-multiline", "true");
  label.addEventListener("click", () => editor.focus());
}

// In a table the name of a field is that of its column, and of its row.
function headingOf(cell) {
  const column = [...cell.classList].find((name) => name.startsWith("field-"));
  const headings = cell.closest("table").tHead;
  if (!column) return headings.querySelector("th:last-child");
  const heading = headings.querySelector(`.${column.replace("field-", "column-")}`);
  return heading?.querySelector(".text") ?? heading;
}

function nameCell(field) {
  const cell = field.closest("td");
  const row = cell.parentElement.querySelector("th, td.original p");
  const names = [headingOf(cell), row].filter(Boolean).map(named);
  field.setAttribute("aria-labelledby", names.join(" "));
}

// The boxes that search while one types stand beside the list that they replace.
function nameChooser(box) {
  const list = box.previousElementSibling;
  const label =
    document.querySelector(`label[for="${list.id}"]`) ?? headingOf(box.closest("td"));
  const value = box.querySelector("[role=textbox]");
  value?.setAttribute("aria-labelledby", named(label));
  box
    .querySelector(".select2-selection--single")
    ?.setAttribute("aria-labelledby", `${named(label)} ${named(value)}`);
  box.querySelector("[role=searchbox]")?.setAttribute("aria-labelledby", named(label));
}

function nameHeading(heading) {
  const words = document.createElement("span");
  words.className = "visually-hidden";
  words.textContent = heading.matches(".original") ? "Row" : "Actions";
  heading.append(words);
}

const NAMES = new Map([
  [".prose-editor [contenteditable=true]:not([aria-labelledby])", nameEditor],
  ["thead th:empty", nameHeading],
  [
    "td:is([class*='field-'], .delete) :is(input, select, textarea):not([type=hidden], [aria-labelledby], [role])",
    nameCell,
  ],
  ["select + .select2-container:not(:has([aria-labelledby^='admin-name']))", nameChooser],
  [
    ".select2-search--dropdown input:not([aria-label])",
    (input) => input.setAttribute("aria-label", "Search"),
  ],
  ["#searchbar:not([aria-label])", (input) => input.setAttribute("aria-label", "Search")],
  [".help-tooltip[aria-label]:not([role])", (icon) => icon.setAttribute("role", "img")],
  [
    ".inline-group[data-inline-type=tabular]:not([tabindex], :has(a, button, input:not([type=hidden])))",
    (table) => table.setAttribute("tabindex", "0"),
  ],
]);

function nameAll() {
  for (const [selector, name] of NAMES) document.querySelectorAll(selector).forEach(name);
}

new MutationObserver(nameAll).observe(document.body, { childList: true, subtree: true });
nameAll();

// A section moves by its number too, for people who do not drag.

const POSITION = ":scope > fieldset input[name$='-weight']";

function moveByNumber(input) {
  const form = input.closest(".djn-inline-form");
  if (!form || form.querySelector(POSITION) !== input) return;
  const rows = [...form.parentElement.children].filter((row) =>
    row.matches(".djn-inline-form:not(.djn-empty-form)"),
  );
  const others = rows.filter((row) => row !== form);
  const place = Math.min(Math.max(Number(input.value) || 0, 0), others.length);
  if (place === others.length) others.at(-1)?.after(form);
  else others[place].before(form);
  others.splice(place, 0, form);
  others.forEach((row, number) => {
    const field = row.querySelector(POSITION);
    if (field) field.value = number;
  });
}

// Rows that moved while somebody presses Save would pull the button away.
const typed = new Set();

document.addEventListener("change", (event) => {
  if (event.target.matches?.("input[name$='-weight']")) typed.add(event.target);
});

document.addEventListener(
  "submit",
  () => {
    typed.forEach(moveByNumber);
    typed.clear();
  },
  true,
);

// A page is left with a question while it holds what is not saved.

const form = document.querySelector("#content-main > form[method=post]");
let atStart = null;

function contentOf(data) {
  const chosen = [...data.querySelectorAll("select.filtered[id$=_to] option")];
  const values = [...new FormData(data)].map(([name, value]) => [name, value.name ?? value]);
  return JSON.stringify([values, chosen.map((option) => option.value)]);
}

function isUnsaved() {
  return atStart !== null && (atStart !== contentOf(form) || form.querySelector(".errornote"));
}

function remember() {
  atStart ??= contentOf(form);
}

function askFirst(event) {
  if (isUnsaved()) event.preventDefault();
}

if (form) {
  for (const start of ["focusin", "pointerdown", "keydown"]) {
    document.addEventListener(start, remember, { capture: true, once: true });
  }
  addEventListener("beforeunload", askFirst);
  form.addEventListener("submit", () => removeEventListener("beforeunload", askFirst));
}

// A refused form begins with links to what is to be corrected.

function wordsOf(element) {
  return element?.firstChild.textContent.trim().replace(/:$/, "");
}

function placeOf(errors) {
  const area = errors.parentElement;
  const row = area.closest(".djn-inline-form");
  if (errors.matches(".nonform")) return [wordsOf(area.querySelector("h2"))];
  const label = area.matches("td") ? headingOf(area) : area.querySelector("label, legend");
  return [row?.querySelector("h3 b"), row?.querySelector("h3 .inline_label"), label].map(wordsOf);
}

function fieldOf(errors) {
  const fields = "[contenteditable=true], :is(input, select, textarea):not([type=hidden])";
  return errors.matches(".nonform") ? null : errors.parentElement.querySelector(fields);
}

function linkTo(errors) {
  const [item, link] = ["li", "a"].map((name) => document.createElement(name));
  const field = fieldOf(errors);
  link.href = `#${named(field ?? errors)}`;
  link.textContent = [...placeOf(errors), errors.textContent.trim()].filter(Boolean).join(" · ");
  link.addEventListener("click", () => field?.focus());
  item.append(link);
  return item;
}

const note = form?.querySelector(".errornote");
if (note) {
  const list = document.createElement("ul");
  list.className = "campus-errors";
  const errors = form.querySelectorAll(".errorlist:not(:has(.errorlist), .errornote ~ .nonfield)");
  list.append(...[...errors].map(linkTo));
  note.append(list);
  note.tabIndex = -1;
  note.focus();
}

// What is being made says how far it is, until it is over.

const POLL_SECONDS = 3;

async function poll(place) {
  const answer = await fetch(place.dataset.poll).catch(() => null);
  if (!answer?.ok) return;
  const { text, is_over: isOver } = await answer.json();
  if (place.textContent !== text) place.textContent = text;
  if (!isOver) setTimeout(poll, POLL_SECONDS * 1000, place);
}

document.querySelectorAll("[data-poll]").forEach(poll);
