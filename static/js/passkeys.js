// The browser cancels a passkey silently; say so where the person is looking.

document.addEventListener("allauth.error", (event) => {
  const note = document.querySelector("[data-passkey-error]");
  if (!note) return;
  event.preventDefault();
  note.hidden = false;
  note.scrollIntoView({ block: "nearest" });
});
