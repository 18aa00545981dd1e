// Moves the focus to what matters after a page of the quiz has loaded.

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
