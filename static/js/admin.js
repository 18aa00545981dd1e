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
