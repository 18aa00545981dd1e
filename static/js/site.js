// Small comforts of every page; all of them work without this file too.

const TOAST_MILLISECONDS = 6000;
const UNDO_MILLISECONDS = 20000;

function closeMenus(except) {
  for (const menu of document.querySelectorAll("[data-menu][open]")) {
    if (menu !== except) menu.open = false;
  }
}

function wireMenus() {
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menu = document.querySelector("[data-menu][open]");
    if (!menu) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
  document.addEventListener("click", (event) => {
    closeMenus(event.target.closest("[data-menu]"));
  });
}

function wireToast(toast) {
  let timer = 0;
  const remove = () => toast.remove();
  toast.querySelector("[data-toast-close]")?.addEventListener("click", remove);
  // What went wrong stays until it is dismissed: it may be about money.
  if (toast.matches(".c-toast--error, .c-toast--warning")) return;
  const stay = toast.querySelector("form") ? UNDO_MILLISECONDS : TOAST_MILLISECONDS;
  const start = () => {
    timer = setTimeout(remove, stay);
  };
  const pause = () => clearTimeout(timer);
  toast.addEventListener("pointerenter", pause);
  toast.addEventListener("pointerleave", start);
  toast.addEventListener("focusin", pause);
  toast.addEventListener("focusout", start);
  start();
}

function say(words) {
  const toast = document.createElement("div");
  toast.className = "c-toast";
  toast.append(document.createElement("p"));
  toast.firstChild.textContent = words;
  document.querySelector("[data-toasts]").append(toast);
  wireToast(toast);
}

function wireCopying() {
  for (const button of document.querySelectorAll("[data-copy]")) {
    // Only a page that came over a safe connection may write to the clipboard.
    button.hidden = !navigator.clipboard;
    button.addEventListener("click", async () => {
      const link = new URL(button.dataset.copy, location).href;
      try {
        await navigator.clipboard.writeText(link);
        say("The link is copied.");
      } catch {
        say(`Your browser did not copy it. The link is ${link}`);
      }
    });
  }
}

function wireToasts() {
  const region = document.querySelector("[data-toasts]");
  if (!region) return;
  const toasts = [...region.querySelectorAll("[data-toast]")];
  // Taken out and put back, so that screen readers hear them as news.
  region.replaceChildren();
  requestAnimationFrame(() => {
    region.append(...toasts);
    toasts.forEach(wireToast);
  });
}

function blockDoubleSubmit() {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || event.defaultPrevented) return;
    // A download leaves the page as it is, so its form is used again.
    if ("download" in form.dataset) return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "true";
    const button = event.submitter;
    if (!button) return;
    button.setAttribute("aria-disabled", "true");
    if (button.dataset.busy) button.textContent = button.dataset.busy;
  });
  // The page may come back from the history cache with its form marked as sent.
  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    for (const form of document.querySelectorAll("form[data-sent]")) {
      delete form.dataset.sent;
      form.querySelector("[aria-disabled]")?.removeAttribute("aria-disabled");
    }
  });
}

function wirePasswords() {
  for (const input of document.querySelectorAll(".c-field > input[type=password]")) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "Show";
    button.setAttribute("aria-label", "Show password");
    button.addEventListener("click", () => {
      const shown = input.type === "text";
      input.type = shown ? "password" : "text";
      button.textContent = shown ? "Show" : "Hide";
      button.setAttribute("aria-label", shown ? "Show password" : "Hide password");
    });
    const box = document.createElement("div");
    box.className = "c-password";
    const hadFocus = document.activeElement === input;
    input.replaceWith(box);
    box.append(input, button);
    if (hadFocus) input.focus();
  }
}

wireMenus();
wireToasts();
blockDoubleSubmit();
wirePasswords();
wireCopying();
document.querySelector("[data-error-summary]")?.focus();
