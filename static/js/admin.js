// The rich text editors replace their text fields: give them the labels of those.

let count = 0;

function labelEditor(editor) {
  const label = editor.closest(".form-row, .flex-container, .fieldBox")?.querySelector("label");
  if (!label) return;
  label.id ||= `editor-label-${(count += 1)}`;
  editor.setAttribute("aria-labelledby", label.id);
  editor.setAttribute("aria-multiline", "true");
  label.addEventListener("click", () => editor.focus());
}

function labelAll() {
  for (const editor of document.querySelectorAll(
    ".prose-editor [contenteditable=true]:not([aria-labelledby])",
  )) {
    labelEditor(editor);
  }
}

new MutationObserver(labelAll).observe(document.body, { childList: true, subtree: true });
labelAll();

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
