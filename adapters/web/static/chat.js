// Sends without a reload. Without this file the same forms work by themselves.
import { fragment, poll } from "/static/live.js";

{
  const log = document.querySelector("[data-log]");
  const ask = document.querySelector("form.ask");
  const question = ask.elements.text;
  const reports = document.querySelector("[data-standing]");
  const cut = document.querySelector("[data-cut]");
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  let sending = false;

  document.getElementById("keys").hidden = false;

  // the log scrolls by itself on a wide screen and with the page on a narrow one
  const scroll = document.querySelector("[data-scroll]");
  function show(node, behavior = calm.matches ? "auto" : "smooth") {
    const inner = getComputedStyle(scroll).overflowY === "auto";
    const box = inner ? scroll : window;
    const top = (inner ? scroll.getBoundingClientRect().top : 0) + (node.matches(".choices") ? 8 : 0);
    box.scrollBy({ top: node.getBoundingClientRect().top - top, behavior });
  }

  function say(words) {
    const reply = document.createElement("div");
    reply.className = "reply reply-failed";
    reply.textContent = words;
    const exchange = document.createElement("article");
    exchange.className = "exchange";
    exchange.append(reply);
    log.append(exchange);
    show(exchange);
  }

  async function send(form, text) {
    if (sending) return;
    sending = true;
    log.setAttribute("aria-busy", "true");
    const fromAsk = form === ask;
    try {
      const response = await fetch("/api/turns", {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ conversation: "main", school: form.elements.school.value, text }),
      });
      const said = await response.json();
      if (!response.ok) {
        say(said.error);
        return;
      }
      for (const change of said.changed) {
        const old = document.getElementById(change.id);
        if (old && old.outerHTML !== change.html) old.replaceWith(fragment(change.html));
      }
      log.append(fragment(said.html));
      if (fromAsk) question.value = "";
      document.querySelector("[data-forget]").hidden = false;
      const pressed = form.isConnected ? null : document.getElementById(said.changed.at(-1)?.id);
      show(pressed || log.lastElementChild);
      document.dispatchEvent(new Event("sent"));
    } catch {
      say(ask.dataset.failed);
    } finally {
      sending = false;
      log.removeAttribute("aria-busy");
      question.focus({ preventScroll: true });
    }
  }

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.matches("[data-send]")) {
      event.preventDefault();
      send(form, event.submitter?.name === "text" ? event.submitter.value : question.value);
    } else if (form.matches("[data-feedback]")) {
      event.preventDefault();
      note(form, event.submitter);
    }
  });

  async function note(form, button) {
    const body = new URLSearchParams(new FormData(form, button));
    const words = form.querySelector(".feedback-question");
    try {
      const response = await fetch(form.action, { method: "POST", body, redirect: "manual" });
      if (response.type !== "opaqueredirect") throw new Error("refused");
      words.textContent = button.value === "yes" ? "Noted as right. Thank you." : "Noted as not right. Thank you.";
      for (const one of form.querySelectorAll("button")) one.remove();
      question.focus({ preventScroll: true });
    } catch {
      words.textContent = "That could not be noted.";
    }
  }

  question.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    ask.requestSubmit();
  });

  // how each report stands now, under the reply that speaks of it last; earlier ones above the conversation
  function stand(part) {
    for (const line of log.querySelectorAll(".standing")) {
      const now = part.getElementById(line.id);
      if (!now) line.remove();
      else if (now.innerHTML !== line.innerHTML) {
        line.className = now.className;
        line.replaceChildren(...now.childNodes);
      }
    }
    const others = document.getElementById("others");
    const now = part.getElementById("others");
    if (now.innerHTML.trim() !== others.innerHTML.trim()) others.replaceWith(now);
  }

  const look = poll(
    () => document.querySelector(".standing") && reports.dataset.standing,
    stand,
    (lost) => (cut.hidden = !lost),
  );
  document.addEventListener("sent", look);
  const latest = log.lastElementChild;
  if (latest) show(latest, "auto");
}
