// Asks again until the payment is confirmed; without scripts the page reloads itself.
const place = document.querySelector("[data-checkout]");
const text = document.querySelector("[data-checkout-text]");
let pause = Number(place.dataset.pollSeconds) * 1000;
const startedAt = Date.now();

async function ask() {
  const url = new URL(location.href);
  url.searchParams.set("waited", Math.round((Date.now() - startedAt) / 1000));
  url.searchParams.set("poll", "1");
  const response = await fetch(url);
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  return page.querySelector("[data-checkout]");
}

async function poll() {
  try {
    const answer = await ask();
    if (answer && answer.dataset.checkout !== "confirming") {
      location.reload();
      return;
    }
    pause = Number(answer?.dataset.pollSeconds) * 1000 || pause;
    const words = answer?.querySelector("[data-checkout-text]")?.textContent;
    if (words && words !== text.textContent) {
      text.textContent = words;
    }
  } catch {
    // Offline for a moment: the next try may come through.
  }
  setTimeout(poll, pause);
}

setTimeout(poll, pause);
