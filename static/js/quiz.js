// Answers are saved as they are chosen; what did not arrive is kept on this device.
// Without this file, or without htmx, each question is a plain form with a button.

const RETRY_SECONDS = 30;
const NOT_SAVED = "Not saved. We will try again when you are back online.";

const problem = document.querySelector(".c-error-summary");
if (problem) problem.focus();

// Choosing and pressing Enter submits the answer, as a keyboard user expects.
for (const form of document.querySelectorAll("form.c-quiz")) {
  form.addEventListener("keydown", (event) => {
    const isChoice = event.target.matches("input[type=radio], input[type=checkbox]");
    if (event.key !== "Enter" || !isChoice) return;
    event.preventDefault();
    form.requestSubmit(form.querySelector("button"));
  });
}

// The choices that the server has not acknowledged yet, by the number of the question.
class Kept {
  constructor(key) {
    this.key = key;
    try {
      this.answers = JSON.parse(localStorage.getItem(key)) ?? {};
    } catch {
      this.answers = {}; // a private window may refuse storage
    }
  }

  get isEmpty() {
    return !Object.keys(this.answers).length;
  }

  add(question, choices) {
    this.answers[question] = choices;
    this.store();
  }

  // What was chosen since then stays.
  drop(question, choices) {
    if (String(this.answers[question]) === String(choices)) delete this.answers[question];
    this.store();
  }

  store() {
    try {
      if (this.isEmpty) localStorage.removeItem(this.key);
      else localStorage.setItem(this.key, JSON.stringify(this.answers));
    } catch {
      // As above.
    }
  }
}

function wireSitting(sitting) {
  const { user, attempt, saveUrl, csrf } = sitting.dataset;
  const kept = new Kept(`answers:${user}:${attempt}`);
  const state = document.querySelector("#answer-state");
  const form = document.querySelector("form.c-quiz");
  const sent = (event) => {
    const { formData } = event.detail.requestConfig;
    return [formData.get("question"), formData.getAll("choice")];
  };

  function tell(words) {
    state.textContent = words;
    state.dataset.tone = "warn";
  }

  function resend() {
    for (const [question, choice] of Object.entries(kept.answers)) {
      const values = { question, choice, csrfmiddlewaretoken: csrf };
      window.htmx
        .ajax("POST", saveUrl, { target: state, swap: "innerHTML", values })
        .catch(() => {});
    }
  }

  function restore() {
    const choices = kept.answers[form?.elements.question.value];
    if (!choices) return;
    for (const box of form.querySelectorAll("[name=choice]")) {
      box.checked = choices.includes(box.value);
    }
  }

  document.addEventListener(
    "change",
    (event) => {
      if (!event.target.matches("form.c-quiz [name=choice]")) return;
      const chosen = new FormData(form).getAll("choice");
      if (chosen.length) kept.add(form.elements.question.value, chosen);
    },
    { capture: true }, // before htmx sends it
  );
  document.body.addEventListener("htmx:afterRequest", (event) => {
    // The server has answered: saved, or refused for good with the reason.
    if (event.detail.successful || event.detail.xhr.status === 422) {
      delete state.dataset.tone;
      kept.drop(...sent(event));
    }
  });
  for (const name of ["htmx:sendError", "htmx:timeout"]) {
    document.body.addEventListener(name, () => tell(NOT_SAVED));
  }
  document.body.addEventListener("htmx:responseError", (event) => {
    const { status } = event.detail.xhr;
    if (status === 422) return;
    tell(NOT_SAVED);
    document.querySelector("[data-session]").hidden = ![401, 403].includes(status);
  });
  // A page that cannot come would take the place of what was chosen.
  document.addEventListener("submit", (event) => {
    const isLast = !event.target.matches("form.c-quiz");
    if (navigator.onLine && (!isLast || kept.isEmpty)) return;
    event.preventDefault();
    tell(NOT_SAVED);
    resend();
  });
  window.addEventListener("online", resend);
  setInterval(resend, RETRY_SECONDS * 1000);
  restore();
  resend();
}

const sitting = document.querySelector("[data-attempt]");
if (sitting && window.htmx) wireSitting(sitting);
